import { assertEquals, assertRejects } from "@std/assert";
import { ifThere } from "../../../lib/wire/client/if_there.ts";
import { ApiRefusal } from "../../../lib/wire/client/problem_error.ts";

const refused = (status: number) => Promise.reject(new ApiRefusal({ type: "x", title: "No", status, detail: "no" }));

Deno.test("ifThere() takes a 404 for an answer, and nothing else", async () => {
  assertEquals(await ifThere(Promise.resolve(1)), 1);
  assertEquals(await ifThere(refused(404)), undefined);
  await assertRejects(() => ifThere(refused(403)), ApiRefusal);
});
