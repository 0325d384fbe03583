import { assertEquals } from "@std/assert";
import { Watcher } from "../../../lib/controller/watch/watcher.ts";

Deno.test("a watcher that does not read is told nothing more but a new snapshot", () => {
  const watcher = new Watcher({ kind: "anyone" });
  watcher.tell({ last: 1, text: "before the snapshot" });
  assertEquals([watcher.take(), watcher.needsSnapshot], [undefined, true]);
  watcher.beginSnapshot();
  watcher.tell({ last: 2, text: "a" });
  watcher.tell({ last: 3, text: "b" });
  assertEquals([watcher.take()?.text, watcher.take()?.last, watcher.take()], ["a", 3, undefined]);
  for (let at = 0; at < 1_000; at++) watcher.tell({ last: at, text: "x" });
  assertEquals([watcher.take(), watcher.needsSnapshot], [undefined, true]);
  watcher.beginSnapshot();
  watcher.tell({ last: 9, text: "x".repeat(9_000_000) });
  assertEquals([watcher.take(), watcher.needsSnapshot], [undefined, true]);
});

Deno.test("news() resolves when there is something to take", async () => {
  const watcher = new Watcher({ kind: "anyone" });
  watcher.beginSnapshot();
  const news = watcher.news();
  watcher.tell({ last: 1, text: "a" });
  await news;
  assertEquals(watcher.take()?.text, "a");
});
