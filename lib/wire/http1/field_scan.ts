/**
 * Finds where a head's lines and fields lie, octet by octet, and refuses what may not stand there: line ends other
 * than CRLF, folded lines, a space before the colon, control characters. It can stop after any octet and go on when
 * more have come, so that a verdict never depends on how the bytes were split. Meaning is judged by `request.ts` and
 * `response.ts`.
 * @module
 */

import { type ErrorEvent, refuse } from "./event.ts";
import type { Field, Fields } from "./fields.ts";
import type { Limits } from "./limits.ts";
import { COLON, CR, decodeLatin1, HTAB, LF, OCTET, SP, START_LINE, TOKEN, VALUE } from "./octets.ts";

/** `more`: octets are missing. `start-line`: it is complete. `done`: the empty line was seen. */
export type ScanStep = "more" | "start-line" | "done" | ErrorEvent;

const enum At {
  StartLine,
  StartLineEnd,
  FieldStart,
  Name,
  Value,
  ValueEnd,
  LastLineEnd,
}

/** The scanner of one connection; `reset()` readies it for the next section. Offsets count from the section's start. */
export class FieldScan {
  /** Offset after what has been scanned; at `done` the section's length. */
  at = 0;
  /** Where the start line ends, without its line end. */
  startLineEnd = 0;

  #limits: Limits;
  #state = At.FieldStart;
  /** Three offsets for each field: its start, its colon, its end. */
  #marks: number[] = [];
  #fieldsEndMax = 0;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Begins a head (with a start line) or a trailer section (without). */
  reset(section: "head" | "trailers"): void {
    this.at = 0;
    this.startLineEnd = 0;
    this.#marks.length = 0;
    this.#state = section === "head" ? At.StartLine : At.FieldStart;
    this.#fieldsEndMax = this.#limits.fieldsBytesMax;
  }

  /** Goes on where it stopped. `section` begins at the section's first octet. */
  scan(section: Uint8Array): ScanStep {
    while (this.at < section.length) {
      switch (this.#state) {
        case At.StartLine: {
          const refusal = this.#startLine(section);
          if (refusal) return refusal;
          break;
        }
        case At.StartLineEnd:
          if (section[this.at++] !== LF) return refuse(400, "a CR must be followed by LF");
          this.#state = At.FieldStart;
          this.#fieldsEndMax = this.at + this.#limits.fieldsBytesMax;
          return "start-line";
        case At.FieldStart: {
          const refusal = this.#fieldStart(section);
          if (refusal) return refusal;
          break;
        }
        case At.Name: {
          const refusal = this.#name(section);
          if (refusal) return refusal;
          break;
        }
        case At.Value: {
          const refusal = this.#value(section);
          if (refusal) return refusal;
          break;
        }
        case At.ValueEnd:
          if (section[this.at++] !== LF) return refuse(400, "a CR must be followed by LF");
          this.#state = At.FieldStart;
          break;
        case At.LastLineEnd:
          if (section[this.at++] !== LF) return refuse(400, "a CR must be followed by LF");
          return "done";
      }
    }
    return "more";
  }

  /** The fields of a section that is `done`. */
  fields(section: Uint8Array): Fields {
    const base = this.#marks[0] ?? 0;
    const text = decodeLatin1(section, base, this.at);
    const fields: Field[] = [];
    for (let mark = 0; mark < this.#marks.length; mark += 3) {
      const colon = this.#marks[mark + 1]!;
      let from = colon + 1;
      let to = this.#marks[mark + 2]!;
      while (from < to && isBlank(section[from]!)) from++;
      while (to > from && isBlank(section[to - 1]!)) to--;
      fields.push([text.slice(this.#marks[mark]! - base, colon - base), text.slice(from - base, to - base)]);
    }
    return fields;
  }

  #startLine(section: Uint8Array): ErrorEvent | undefined {
    const limit = this.#limits.startLineBytesMax;
    const end = Math.min(section.length, limit);
    let at = this.at;
    while (at < end && (OCTET[section[at]!]! & START_LINE) !== 0) at++;
    this.at = at;
    if (at === section.length) return undefined;
    if (section[at] !== CR) {
      return at >= limit
        ? refuse(414, `the first line is longer than ${limit} bytes`)
        : refuse(400, badOctet(section[at]!, "the first line"));
    }
    this.startLineEnd = at;
    this.at = at + 1;
    this.#state = At.StartLineEnd;
    return undefined;
  }

  #fieldStart(section: Uint8Array): ErrorEvent | undefined {
    if (this.at >= this.#fieldsEndMax) return this.#tooLarge();
    if (section[this.at] === CR) {
      this.at++;
      this.#state = At.LastLineEnd;
      return undefined;
    }
    if (this.#marks.length === this.#limits.fieldsMax * 3) {
      return refuse(431, `more than ${this.#limits.fieldsMax} fields`);
    }
    this.#marks.push(this.at);
    this.#state = At.Name;
    return undefined;
  }

  #name(section: Uint8Array): ErrorEvent | undefined {
    const end = Math.min(section.length, this.#fieldsEndMax);
    let at = this.at;
    while (at < end && (OCTET[section[at]!]! & TOKEN) !== 0) at++;
    this.at = at;
    if (at === section.length) return undefined;
    if (at >= this.#fieldsEndMax) return this.#tooLarge();
    const empty = at === this.#marks.at(-1);
    if (section[at] !== COLON || empty) return refuse(400, nameFault(section[at]!, empty));
    this.#marks.push(at);
    this.at = at + 1;
    this.#state = At.Value;
    return undefined;
  }

  #value(section: Uint8Array): ErrorEvent | undefined {
    const end = Math.min(section.length, this.#fieldsEndMax);
    let at = this.at;
    while (at < end && (OCTET[section[at]!]! & VALUE) !== 0) at++;
    this.at = at;
    if (at === section.length) return undefined;
    if (at >= this.#fieldsEndMax) return this.#tooLarge();
    if (section[at] !== CR) return refuse(400, badOctet(section[at]!, "a field value"));
    this.#marks.push(at);
    this.at = at + 1;
    this.#state = At.ValueEnd;
    return undefined;
  }

  #tooLarge(): ErrorEvent {
    return refuse(431, `the fields are longer than ${this.#limits.fieldsBytesMax} bytes`);
  }
}

function isBlank(octet: number): boolean {
  return octet === SP || octet === HTAB;
}

function nameFault(octet: number, atStart: boolean): string {
  if (octet === COLON) return "a field has no name";
  if (!isBlank(octet)) return badOctet(octet, "a field name");
  return atStart
    ? "a field line begins with a space: folded lines are refused"
    : "a space stands before a field's colon";
}

function badOctet(octet: number, place: string): string {
  if (octet === LF) return "a line ends with LF alone: lines end with CRLF";
  return `${place} holds the octet 0x${octet.toString(16).padStart(2, "0")}`;
}
