import { assertEquals, assertRejects } from "@std/assert";
import { Gate } from "../../lib/controller/gate.ts";

Deno.test("pass() lets so many in at once and the others in their turn", async () => {
  const gate = new Gate(2);
  const order: string[] = [];
  const doors = Array.from({ length: 4 }, () => Promise.withResolvers<void>());
  const passing = doors.map((door, index) =>
    gate.pass(async () => {
      order.push(`in ${index}`);
      await door.promise;
      order.push(`out ${index}`);
    })
  );
  assertEquals([order, gate.waiting], [["in 0", "in 1"], 2]);
  doors[1]?.resolve();
  await passing[1];
  assertEquals(order.slice(2), ["out 1", "in 2"]);
  for (const door of doors) door.resolve();
  await Promise.all(passing);
  assertEquals(gate.waiting, 0);
});

Deno.test("pass() gives its place back when the work fails", async () => {
  const gate = new Gate(1);
  await assertRejects(() => gate.pass(() => Promise.reject(new Error("no"))));
  assertEquals(await gate.pass(() => Promise.resolve(1)), 1);
});
