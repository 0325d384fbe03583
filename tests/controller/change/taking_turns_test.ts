import { assert, assertEquals } from "@std/assert";
import { takingTurns } from "../../../lib/controller/change/taking_turns.ts";

Deno.test("takingTurns() goes on at once within a slice, and lets what waits go first when it is over", async () => {
  let others = 0;
  const timer = setInterval(() => others += 1);
  try {
    const within = takingTurns({ sliceMs: 60_000 });
    for (let step = 0; step < 100; step++) await within();
    assertEquals(others, 0);
    const always = takingTurns({ sliceMs: 0 });
    while (others < 3) await always();
    assert(others >= 3);
  } finally {
    clearInterval(timer);
  }
});
