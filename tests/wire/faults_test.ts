import { assertEquals } from "@std/assert";
import * as z from "zod";
import { faultsOf, pointerOf } from "../../lib/wire/faults.ts";

Deno.test("pointerOf() writes a path by RFC 6901", () => {
  assertEquals(pointerOf([]), "");
  assertEquals(pointerOf(["a/b", 0, "m~n"]), "/a~1b/0/m~0n");
});

Deno.test("faultsOf() names the field that was meant, or those that are known", () => {
  const schema = z.strictObject({ inner: z.array(z.strictObject({ greeting: z.string() })) });
  const slip = (field: string) => {
    const { error } = schema.safeParse({ inner: [{ greeting: "", [field]: "" }] });
    return error?.issues.flatMap((issue) => faultsOf(issue, schema));
  };
  assertEquals(slip("greting"), [
    { pointer: "/inner/0/greting", detail: 'unknown field "greting": did you mean "greeting"?' },
  ]);
  assertEquals(slip("x"), [{ pointer: "/inner/0/x", detail: 'unknown field "x": known are greeting' }]);
});
