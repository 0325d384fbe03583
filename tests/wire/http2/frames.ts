/**
 * Frames made by hand, right or wrong, and what a machine says about them: the tests' own peer knows nothing but bytes.
 * @module
 */

import { assert } from "@std/assert";
import type { Fields } from "../../../lib/wire/http1/fields.ts";
import { decodeLatin1, encodeLatin1 } from "../../../lib/wire/http1/octets.ts";
import type { ClientHead, Event, ServerHead } from "../../../lib/wire/http2/event.ts";
import { Flag, type Frame, FrameType } from "../../../lib/wire/http2/frames.ts";
import { FrameReader } from "../../../lib/wire/http2/frame_reader.ts";
import type { Machine } from "../../../lib/wire/http2/machine.ts";
import { PREFACE } from "../../../lib/wire/http2/preface.ts";

export type AnyHead = ServerHead | ClientHead;
export type Line = Exclude<Event<AnyHead>, { kind: "data" }> | { kind: "data"; stream: number; text: string };

/** More events than any of the tests' inputs can give: a machine that turns in circles fails instead of hanging. */
const EVENTS_MAX = 100_000;

export const GET: Fields = [[":method", "GET"], [":scheme", "https"], [":authority", "a.test"], [":path", "/"]];
export const POST: Fields = [[":method", "POST"], ...GET.slice(1)];
export const { END_STREAM, END_HEADERS, PADDED, PRIORITY, ACK } = Flag;

export function frame(type: number, flags: number, stream: number, payload: Uint8Array | number[] = []): Uint8Array {
  const { length } = payload;
  const id = [stream >>> 24, stream >>> 16, stream >>> 8, stream].map((octet) => octet & 0xff);
  return Uint8Array.of(length >> 16, length >> 8 & 0xff, length & 0xff, type, flags, ...id, ...payload);
}

/** Fields as literals with nothing remembered, of any octets, right or wrong. */
export function block(fields: Fields): number[] {
  const text = (value: string) => [0x7f, ...integer(value.length - 0x7f), ...encodeLatin1(value)];
  const short = (value: string) => value.length < 0x7f ? [value.length, ...encodeLatin1(value)] : text(value);
  return fields.flatMap(([name, value]) => [0, ...short(name), ...short(value)]);
}

function integer(rest: number): number[] {
  return rest < 0x80 ? [rest] : [rest & 0x7f | 0x80, ...integer(rest >> 7)];
}

export function headers(stream: number, fields: Fields, flags: number = END_STREAM | END_HEADERS): Uint8Array {
  return frame(FrameType.HEADERS, flags, stream, block(fields));
}

export function data(stream: number, text: string, flags = 0): Uint8Array {
  return frame(FrameType.DATA, flags, stream, encodeLatin1(text));
}

export function settings(...entries: [id: number, value: number][]): Uint8Array {
  return frame(FrameType.SETTINGS, 0, 0, entries.flatMap(([id, value]) => [id >> 8, id & 0xff, ...uint32(value)]));
}

export function windowUpdate(stream: number, bytes: number): Uint8Array {
  return frame(FrameType.WINDOW_UPDATE, 0, stream, uint32(bytes));
}

export function resetStream(stream: number, code: number): Uint8Array {
  return frame(FrameType.RST_STREAM, 0, stream, uint32(code));
}

export function uint32(value: number): number[] {
  return [value >>> 24, value >>> 16 & 0xff, value >>> 8 & 0xff, value & 0xff];
}

export function join(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** How a client begins. */
export const HELLO: Uint8Array = join(PREFACE, settings());

/** Pushes bytes, cut at the given offsets, and gives what the machine says; content is taken at once, and joined. */
export function tell<Head extends AnyHead>(
  machine: Machine<Head>,
  bytes: Uint8Array,
  { cuts = [], nowMs = 0, take = true }: { cuts?: readonly number[]; nowMs?: number; take?: boolean } = {},
): Line[] {
  const lines: Line[] = [];
  const offsets = [...cuts.filter((at) => at > 0 && at < bytes.length).toSorted((a, b) => a - b), bytes.length];
  let from = 0;
  for (const to of offsets) {
    // One buffer for all reads, as a driver has it: what isn't copied in time shows.
    const buffer = bytes.slice(from, to);
    machine.push(buffer, nowMs);
    drainInto(lines, machine, take);
    buffer.fill(0xee);
    from = to;
  }
  return lines;
}

/** What the machine has to say without new bytes. */
export function listen<Head extends AnyHead>(machine: Machine<Head>): Line[] {
  const lines: Line[] = [];
  drainInto(lines, machine, true);
  return lines;
}

function drainInto<Head extends AnyHead>(lines: Line[], machine: Machine<Head>, take: boolean): void {
  for (let count = 0;; count++) {
    assert(count < EVENTS_MAX, "the machine doesn't come to an end");
    const event: Event<AnyHead> | undefined = machine.next();
    if (event === undefined) return;
    if (event.kind !== "data") {
      lines.push(event);
      continue;
    }
    const text = decodeLatin1(event.bytes);
    const last = lines.at(-1);
    if (last?.kind === "data" && last.stream === event.stream) last.text += text;
    else lines.push({ kind: "data", stream: event.stream, text });
    if (take) machine.took(event.stream, event.bytes.length);
  }
}

/** Frames in what a machine sends; a client's preface is passed over. */
export function framesIn(bytes: Uint8Array): Frame[] {
  const reader = new FrameReader();
  reader.push(decodeLatin1(bytes.subarray(0, 3)) === "PRI" ? bytes.subarray(PREFACE.length) : bytes);
  const frames: Frame[] = [];
  for (let next = reader.next(); next !== undefined; next = reader.next()) {
    assert(!("kind" in next));
    frames.push(next);
  }
  assert(reader.buffered === 0, "half a frame");
  return frames;
}

/** `TYPE stream` or with what matters of its payload, for frames but those of the beginning. */
export function sentBy<Head extends AnyHead>(machine: Machine<Head>): string[] {
  return framesIn(machine.output()).map(({ type, flags, stream, payload }) => {
    const name = Object.entries(FrameType).find(([, value]) => value === type)?.[0];
    const last = type <= FrameType.HEADERS && (flags & END_STREAM) !== 0 ? " END" : "";
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    if (type === FrameType.RST_STREAM) return `${name} ${stream} code ${view.getUint32(0)}`;
    if (type === FrameType.GOAWAY) return `${name} last ${view.getUint32(0)} code ${view.getUint32(4)}`;
    if (type === FrameType.WINDOW_UPDATE) return `${name} ${stream} ${view.getUint32(0)}`;
    if (type === FrameType.DATA) return `${name} ${stream} ${payload.length}${last}`;
    return flags === ACK && type > 1 ? `${name} ACK` : `${name} ${stream}${last}`;
  });
}
