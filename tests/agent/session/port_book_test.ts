import { assert, assertEquals } from "@std/assert";
import { PortBook } from "../../../lib/agent/session/port_book.ts";
import { seededRandom } from "../../../lib/runtime/random.ts";

const REUSE_MS = 300_000;
const bookOf = (count: number) => new PortBook({ from: 20_000, to: 20_000 + count - 1 }, seededRandom(1));
const at = (nowMs: number, except: number[] = []) => ({ nowMs, except });

Deno.test("PortBook gives ports of its range, each to one replica", () => {
  const book = bookOf(1_000);
  const ports = Array.from({ length: 500 }, (_, n) => book.take(`r${n}`, at(0)));
  assertEquals(new Set(ports).size, 500);
  for (const port of ports) assert(port !== undefined && port >= 20_000 && port <= 20_999);
});

Deno.test("PortBook gives nothing when all ports are in use", () => {
  const book = bookOf(1);
  assertEquals(book.take("a", at(0)), 20_000);
  assertEquals(book.take("b", at(0)), undefined);
  assertEquals(book.take("b", at(10 * REUSE_MS)), undefined, "in use is in use, however long");
});

Deno.test("PortBook keeps a released port from other replicas for 5 min, but not from the same one", () => {
  const book = bookOf(1);
  book.take("a", at(0));
  book.release(20_000, 1_000);
  assertEquals(book.take("b", at(1_000 + REUSE_MS - 1)), undefined);
  assertEquals(book.take("a", at(2_000)), 20_000);
  book.release(20_000, 3_000);
  assertEquals(book.take("b", at(3_000 + REUSE_MS)), 20_000);
});

Deno.test("PortBook gives no port that it is told to leave out", () => {
  const book = bookOf(3);
  assertEquals(book.take("a", at(0, [20_000, 20_002])), 20_001);
  assertEquals(book.take("a", at(0, [20_000, 20_001, 20_002])), undefined);
});

Deno.test("PortBook keeps the port of an adopted process", () => {
  const book = bookOf(1);
  book.keep(20_000, "a");
  assertEquals(book.take("b", at(0)), undefined);
});

Deno.test("PortBook holds no more than what is in use or was released within 5 min", () => {
  const book = bookOf(2);
  for (let round = 0; round < 1_000; round++) {
    const nowMs = round * REUSE_MS;
    const port = book.take(`r${round}`, at(nowMs));
    assert(port !== undefined, `round ${round}`);
    book.release(port, nowMs);
  }
});

Deno.test("PortBook gives a port that is asked for, unless another replica has it just now", () => {
  const book = bookOf(1);
  assertEquals(book.claim(5_432, "a"), true);
  assertEquals(book.claim(5_432, "a"), true);
  assertEquals(book.claim(5_432, "b"), false);
  book.release(5_432, 0);
  assertEquals(book.claim(5_432, "b"), true, "who asks for it by number knows what it is about");
  assertEquals(book.claim(20_000, "c"), true);
  assertEquals(book.take("d", at(0)), undefined);
});
