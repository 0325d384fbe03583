/**
 * One input of the fuzzer for the HTTP/1.1 machine: a few messages, mutated, read whole and in pieces. Both must give the
 * same; requests must be those that the naive reading finds; and nothing that breaks off may be taken for complete.
 * @module
 */
import type { Event, InterimHead, RequestHead, ResponseHead } from "../../lib/wire/http1/event.ts";
import type { MessageReader } from "../../lib/wire/http1/message_reader.ts";
import { decodeLatin1, encodeLatin1 } from "../../lib/wire/http1/octets.ts";
import { RequestReader } from "../../lib/wire/http1/request.ts";
import { ResponseReader } from "../../lib/wire/http1/response.ts";
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import { naiveReading } from "../conformance/engine/naive_reading.ts";
import { ANSWERS, PIECES, REQUESTS } from "./corpus.ts";

type AnyHead = RequestHead | ResponseHead | InterimHead;
type Ending = "closed" | "cut";

const MESSAGES_MAX = 3;
const EDITS_MAX = 4;
const CUTS_MAX = 6;
/** No input has so many: a machine that goes round in circles is found by that. */
const EVENTS_MAX = 10_000;

/** What was read: the heads and the content of each message that came to its end, and how the connection did. */
interface Account {
  messages: string[];
  /** Everything in its order, content joined. */
  all: string;
  last: string;
}

/** What is wrong with the machine, or undefined; `text` is what showed it. */
export interface Finding {
  text: string;
  wrong: string | undefined;
}

export function tryRequests(random: Random): Finding {
  const text = mutated(random, REQUESTS);
  const ending = endingOf(random);
  const whole = account(new RequestReader(), text, { cuts: [], ending });
  const split = account(new RequestReader(), text, { cuts: cutsOf(random, text), ending });
  return { text, wrong: differences(whole, split) ?? againstNaive(whole, text) };
}

export function tryAnswers(random: Random): Finding {
  const text = mutated(random, ANSWERS);
  const ending = endingOf(random);
  const method = ["GET", "HEAD", "CONNECT"][intBetween(random, { min: 0, max: 2 })]!;
  const reader = () => {
    const made = new ResponseReader();
    made.expect(method);
    return made;
  };
  const whole = account(reader(), text, { cuts: [], ending });
  const split = account(reader(), text, { cuts: cutsOf(random, text), ending });
  return { text, wrong: differences(whole, split) ?? againstCut(whole, ending) };
}

function differences(whole: Account, split: Account): string | undefined {
  return whole.all === split.all ? undefined : `whole gives ${whole.all}, and in pieces ${split.all}`;
}

function againstNaive({ messages, last }: Account, text: string): string | undefined {
  const { requests, then } = naiveReading(text);
  const expected = requests.map(({ method, target, content }) => JSON.stringify([method, target, content]));
  if (messages.join() !== expected.join()) return `the machine reads ${messages}, and the naive reading ${expected}`;
  const isRight = then === "tunnel" ? last === "tunnel" : then === "end" ? last === "closed" : last === "error";
  return isRight ? undefined : `the machine ends with ${last}, and the naive reading with ${then}`;
}

/** Content that ends with the connection is complete only if that ended in good order. */
function againstCut({ messages, all }: Account, ending: Ending): string | undefined {
  const isFalse = ending === "cut" && all.includes('"framing":{"kind":"close"}') && messages.length > 0;
  return isFalse ? "content that was cut off counts as complete" : undefined;
}

function account<Head extends AnyHead>(
  reader: MessageReader<Head>,
  text: string,
  { cuts, ending }: { cuts: readonly number[]; ending: Ending },
): Account {
  const bytes = encodeLatin1(text);
  const writer = new AccountWriter();
  const buffer = new Uint8Array(bytes.length);
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    // One buffer for all: what the reader keeps, it must have copied.
    buffer.set(bytes.subarray(from, to));
    reader.push(buffer.subarray(0, to - from));
    writer.drain(reader);
    buffer.fill(0x2e);
    from = to;
  }
  reader.finish(ending);
  writer.drain(reader);
  return writer.finish();
}

class AccountWriter {
  readonly #messages: string[] = [];
  #all = "";
  #last = "";
  #head: AnyHead | undefined;
  #content = "";
  #events = 0;

  drain<Head extends AnyHead>(reader: MessageReader<Head>): void {
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      if (this.#events++ === EVENTS_MAX) throw new Error("the reader gives events without end");
      this.#note(event);
    }
  }

  finish(): Account {
    return { messages: this.#messages, all: this.#all + this.#content, last: this.#last };
  }

  #note(event: Event<AnyHead>): void {
    if (event.kind === "data") {
      this.#content += decodeLatin1(event.bytes);
      return;
    }
    this.#last = "framing" in event && event.framing.kind === "tunnel" ? "tunnel" : event.kind;
    if (event.kind === "end") {
      const { method = "", target = "" } = this.#head?.kind === "request" ? this.#head : {};
      this.#messages.push(JSON.stringify([method, target, this.#content]));
    }
    this.#all += `${this.#content}\n${JSON.stringify(event)}\n`;
    this.#content = "";
    if ("framing" in event) this.#head = event;
  }
}

function mutated(random: Random, corpus: readonly string[]): string {
  let text = "";
  for (let left = intBetween(random, { min: 1, max: MESSAGES_MAX }); left > 0; left--) text += chosen(random, corpus);
  for (let left = intBetween(random, { min: 0, max: EDITS_MAX }); left > 0; left--) {
    const at = intBetween(random, { min: 0, max: text.length });
    const drop = random.next() < 0.5 ? 0 : intBetween(random, { min: 1, max: 6 });
    const piece = random.next();
    const put = piece < 0.2
      ? ""
      : piece < 0.8
      ? chosen(random, PIECES)
      : String.fromCharCode(intBetween(random, { min: 0, max: 255 }));
    text = text.slice(0, at) + put + text.slice(at + drop);
  }
  return text;
}

function cutsOf(random: Random, text: string): number[] {
  // Byte by byte now and then; else at a few places.
  if (random.next() < 0.02) return Array.from(text, (_, at) => at);
  const cuts = Array.from(
    { length: intBetween(random, { min: 1, max: CUTS_MAX }) },
    () => intBetween(random, { min: 0, max: text.length }),
  );
  return cuts.sort((a, b) => a - b);
}

function endingOf(random: Random): Ending {
  return random.next() < 0.5 ? "closed" : "cut";
}

function chosen<T>(random: Random, list: readonly T[]): T {
  return list[intBetween(random, { min: 0, max: list.length - 1 })]!;
}
