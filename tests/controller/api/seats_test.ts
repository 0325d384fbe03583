import { assertEquals } from "@std/assert";
import { Seats } from "../../../lib/controller/api/seats.ts";

Deno.test("take() gives no more seats than there are, and none twice", () => {
  const seats = new Seats(2);
  const [first, second] = [seats.take("a", { ownMax: 2 }), seats.take("b", { ownMax: 2 })];
  assertEquals(seats.take("c", { ownMax: 2 }), "all_taken");
  for (let times = 0; times < 2; times++) if (typeof first !== "string") first![Symbol.dispose]();
  using third = asSeat(seats.take("c", { ownMax: 2 }));
  assertEquals([typeof second, typeof third, seats.take("c", { ownMax: 2 })], ["object", "object", "all_taken"]);
});

Deno.test("take() gives nobody more than one may have, and others what is left", () => {
  const seats = new Seats(10);
  const own = asSeat(seats.take("a", { ownMax: 1 }));
  assertEquals(seats.take("a", { ownMax: 1 }), "own_taken");
  using other = asSeat(seats.take("b", { ownMax: 1 }));
  own[Symbol.dispose]();
  using again = asSeat(seats.take("a", { ownMax: 1 }));
  assertEquals([typeof other, typeof again], ["object", "object"]);
});

function asSeat(taken: ReturnType<Seats["take"]>): Disposable {
  if (typeof taken === "string") throw new Error(taken);
  return taken;
}
