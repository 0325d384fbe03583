/**
 * Labels as a text that one edits.
 * @module
 */
import { assertEquals } from "@std/assert";
import { labelChanges, labelsCommand, labelsText } from "../../../lib/console/web/labels.ts";

const before = { zone: "a", disk: "ssd" };

Deno.test("labelChanges() asks for what is other and takes away what is missing", () => {
  assertEquals(labelsText(before), "disk=ssd\nzone=a");
  assertEquals(labelChanges(before, labelsText(before)), { kind: "ok", labels: {} });
  assertEquals(labelChanges(before, "zone=b\n\n rack=7=x "), {
    kind: "ok",
    labels: { zone: "b", rack: "7=x", disk: null },
  });
});

Deno.test("labelChanges() says which line is no label", () => {
  for (const line of ["zone", "=b", "zone="]) {
    assertEquals(labelChanges(before, line), { kind: "faulty", reason: `"${line}" is not of the form key=value` });
  }
});

Deno.test("labelsCommand() is what does the same, safe to be pasted", () => {
  assertEquals(
    labelsCommand("n1", { zone: "b", note: "it's $HOME", old: null }),
    `controller node label n1 zone=b 'note=it'\\''s $HOME' old-`,
  );
});
