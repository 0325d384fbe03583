/**
 * Both roles against each other: whatever the schedule, each message arrives whole on its own stream, and both sides are
 * left as they began.
 */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { checksumOf, contentOf, type Exchange, runSession } from "./http2/link.ts";

const trailers = fc.constantFrom([], [["grpc-status", "0"]] as const, [["a", ""], ["b", "\xe4"]] as const);
const message = fc.record({ pieces: fc.array(fc.nat(60_000), { maxLength: 6 }), trailers });
const exchange: fc.Arbitrary<Exchange> = fc.record({
  request: message,
  answer: message,
  answers: fc.constantFrom("at the end", "at once"),
});

/** Windows as small as they may be, and small writes: everything has to wait for something. */
const NARROW = { streamWindowBytes: 65_535, connectionWindowBytes: 80_000, outputBytesMax: 20_000, streamsMax: 3 };

Deno.test("messages of both roles arrive whole with their trailers, whatever the schedule and however narrow it is", () => {
  fc.assert(
    fc.property(
      fc.array(exchange, { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.boolean(),
      (exchanges, seed, isNarrow) => {
        const limits = isNarrow ? NARROW : {};
        const { got, events, client, server } = runSession(exchanges, { chance: chanceOf(seed), limits });
        // A server that has answered in full stops its client; nothing else may be reported.
        const unexpected = events.filter((event) => !/^client: .*"kind":"reset".*"code":0,/.test(event));
        assertEquals(unexpected, []);
        for (const [at, { request, answer, answers }] of exchanges.entries()) {
          const stream = at * 2 + 1;
          assertEquals(got.get(`client ${stream}`), expected(stream, answer));
          if (answers === "at the end") assertEquals(got.get(`server ${stream}`), expected(stream, request));
        }
        assertEquals([client.streamCount, server.streamCount, client.isOver, server.isOver], [0, 0, false, false]);
      },
    ),
    { numRuns: 60 },
  );
});

function expected(stream: number, { pieces, trailers }: Exchange["answer"]) {
  const bytes = pieces.reduce((sum, size) => sum + size, 0);
  return { bytes, checksum: checksumOf(contentOf(stream, 0, bytes)), trailers };
}

/** Numbers from 0 to 1 that follow from the seed (a linear congruential generator). */
function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
