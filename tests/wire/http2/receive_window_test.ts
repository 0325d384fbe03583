import { assertEquals } from "@std/assert";
import { ReceiveWindow } from "../../../lib/wire/http2/receive_window.ts";

Deno.test("ReceiveWindow lets in what it says, and is opened by what was taken, in halves", () => {
  const window = new ReceiveWindow(100);
  assertEquals([window.receive(60), window.take(40), window.held], [true, 0, 20]);
  assertEquals(window.take(10), 50);
  assertEquals([window.receive(90), window.receive(1)], [true, false]);
});

Deno.test("ReceiveWindow isn't opened by what never came", () => {
  const window = new ReceiveWindow(100);
  window.receive(10);
  assertEquals([window.take(1_000), window.held], [0, 0]);
  window.receive(90);
  assertEquals(window.take(90), 100);
});
