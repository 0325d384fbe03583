import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Ticket, WaitingLine } from "../../../lib/ingress/balance/waiting_line.ts";

const queue = { lengthMax: 3, timeoutMs: 100 };

function joined<T>(ticket: Ticket<T> | "full"): Ticket<T> {
  assert(ticket !== "full");
  return ticket;
}

function names(tickets: readonly Ticket<string>[]): string {
  return tickets.map(({ waiter }) => waiter).join("");
}

Deno.test("a waiting line lets who came first go first", () => {
  const line = new WaitingLine<string>();
  for (const waiter of ["a", "b", "c"]) line.join(waiter, queue, 0);
  assertEquals(line.first?.waiter, "a");
  assertEquals(names(line.admit(2)), "ab");
  assertEquals(names(line.admit(2)), "c");
  assertEquals(names(line.admit(2)), "");
  assertEquals(line.first, undefined);
});

Deno.test("a waiting line takes no more than its length, and none where that is 0", () => {
  const line = new WaitingLine<string>();
  assertEquals(line.join("z", { lengthMax: 0, timeoutMs: 100 }, 0), "full");
  const [first] = ["a", "b", "c"].map((waiter) => joined(line.join(waiter, queue, 0)));
  assertEquals(line.join("d", queue, 0), "full");
  line.leave(first!);
  joined(line.join("d", queue, 0));
  assertEquals(names(line.admit(9)), "bcd");
});

Deno.test("a waiting line finds those whose time is up, wherever they stand", () => {
  const line = new WaitingLine<string>();
  line.join("a", { lengthMax: 9, timeoutMs: 300 }, 0);
  line.join("b", { lengthMax: 9, timeoutMs: 100 }, 0);
  line.join("c", { lengthMax: 9, timeoutMs: 200 }, 0);
  assertEquals(names(line.expired(99)), "");
  assertEquals(names(line.expired(100)), "b");
  assertEquals(names(line.expired(250)), "c");
  assertEquals(line.length, 1);
  assertEquals(names(line.expired(300)), "a");
});

Deno.test("who has left a waiting line, or was admitted, may leave again", () => {
  const line = new WaitingLine<string>();
  const [a, b] = ["a", "b", "c"].map((waiter) => joined(line.join(waiter, queue, 0)));
  line.leave(b!);
  line.leave(b!);
  line.admit(1);
  line.leave(a!);
  assertEquals([line.length, names(line.admit(9))], [1, "c"]);
});

Deno.test("property: a waiting line is a bounded queue in which each waits no longer than its time", () => {
  const command = fc.oneof(
    fc.record({ kind: fc.constant("join" as const), lengthMax: fc.nat(6), timeoutMs: fc.nat(50) }),
    fc.record({ kind: fc.constant("admit" as const), count: fc.nat(3) }),
    fc.record({ kind: fc.constant("wait" as const), ms: fc.nat(40) }),
    fc.record({ kind: fc.constant("leave" as const), which: fc.nat() }),
  );
  fc.assert(fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
    const line = new WaitingLine<number>();
    const all: Ticket<number>[] = [];
    let model: Ticket<number>[] = [];
    let nowMs = 0;
    for (const it of commands) {
      if (it.kind === "join") {
        const ticket = line.join(all.length, it, nowMs);
        assertEquals(ticket === "full", model.length >= it.lengthMax);
        if (ticket !== "full") all.push(ticket), model.push(ticket);
      } else if (it.kind === "admit") {
        assertEquals(line.admit(it.count).map(({ waiter }) => waiter), model.slice(0, it.count).map((t) => t.waiter));
        model = model.slice(it.count);
      } else if (it.kind === "wait") {
        nowMs += it.ms;
        const due = model.filter(({ deadlineMs }) => deadlineMs <= nowMs);
        assertEquals(line.expired(nowMs).map(({ waiter }) => waiter), due.map(({ waiter }) => waiter));
        model = model.filter(({ deadlineMs }) => deadlineMs > nowMs);
      } else if (all.length > 0) {
        const leaving = all[it.which % all.length]!;
        line.leave(leaving);
        model = model.filter((ticket) => ticket !== leaving);
      }
      assertEquals(line.length, model.length);
      assertEquals(line.first?.waiter, model[0]?.waiter);
    }
  }));
});
