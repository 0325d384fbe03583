import { assert, assertEquals } from "@std/assert";
import { choosePorts } from "../../../lib/agent/session/choose_ports.ts";
import { PortBook } from "../../../lib/agent/session/port_book.ts";
import { seededRandom } from "../../../lib/runtime/random.ts";
import { assignment } from "../../support/builders.ts";
import { order } from "../../support/little_agent.ts";

const bookOf = (count: number) => new PortBook({ from: 20_000, to: 20_000 + count - 1 }, seededRandom(1));
const PORTS = { metrics: 0, pg: { port: 5_432, expose: "node" }, admin: 0 };
const wanted = (n: number) => order(assignment(n), { ports: PORTS });

Deno.test("choosePorts() takes what is fixed and chooses the others, no two alike", () => {
  for (let seed = 0; seed < 20; seed++) {
    const book = new PortBook({ from: 20_000, to: 20_005 }, seededRandom(seed));
    const chosen = choosePorts(wanted(1), { book, nowMs: 0, except: [20_000] });
    assert(chosen.kind === "chosen");
    const { port, ports } = chosen;
    assertEquals(Object.keys(ports).toSorted(), ["admin", "metrics", "pg"]);
    assertEquals(ports.pg, 5_432);
    assertEquals(new Set([port, ports.metrics, ports.admin]).size, 3);
    assert(![port, ports.metrics, ports.admin].includes(20_000));
  }
});

Deno.test("choosePorts() refuses a fixed port that another replica has, and keeps none of the others", () => {
  const book = bookOf(3);
  choosePorts(order(assignment(1), { ports: { db: 5_432 } }), { book, nowMs: 0, except: [] });
  assertEquals(choosePorts(wanted(2), { book, nowMs: 0, except: [] }), {
    kind: "refused",
    reason: 'port 5432 ("pg") is another replica\'s on this node',
  });
  book.release(5_432, 0);
  assertEquals(choosePorts(wanted(2), { book, nowMs: 0, except: [] }).kind, "refused", "two are left for three");
  assertEquals(choosePorts(order(assignment(2), { ports: { a: 0 } }), { book, nowMs: 0, except: [] }).kind, "chosen");
});

Deno.test("choosePorts() says so when the agent's range is used up", () => {
  assertEquals(choosePorts(wanted(1), { book: bookOf(2), nowMs: 0, except: [] }), {
    kind: "refused",
    reason: "no port is left in the agent's range",
  });
});
