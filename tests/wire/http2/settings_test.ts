import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../../lib/wire/http2/error_code.ts";
import { parseSettings, Setting } from "../../../lib/wire/http2/settings.ts";
import { settings } from "./frames.ts";

const payload = (...entries: [number, number][]) => settings(...entries).subarray(9);

Deno.test("parseSettings() takes the last of several values, and passes over what it doesn't know", () => {
  const { INITIAL_WINDOW_SIZE, MAX_CONCURRENT_STREAMS, ENABLE_PUSH } = Setting;
  assertEquals(
    parseSettings(payload(
      [INITIAL_WINDOW_SIZE, 1],
      [0xfff0, 7],
      [MAX_CONCURRENT_STREAMS, 0xffff_ffff],
      [ENABLE_PUSH, 0],
      [INITIAL_WINDOW_SIZE, 2],
    )),
    { initialWindowBytes: 2, streamsMax: 0xffff_ffff, isPushEnabled: false },
  );
});

Deno.test("parseSettings() refuses values out of their range with the code of each", () => {
  const wrong: [number, number, number][] = [
    [Setting.ENABLE_PUSH, 2, ErrorCode.PROTOCOL_ERROR],
    [Setting.INITIAL_WINDOW_SIZE, 0x8000_0000, ErrorCode.FLOW_CONTROL_ERROR],
    [Setting.MAX_FRAME_SIZE, 16_383, ErrorCode.PROTOCOL_ERROR],
    [Setting.MAX_FRAME_SIZE, 0x100_0000, ErrorCode.PROTOCOL_ERROR],
  ];
  for (const [setting, value, code] of wrong) {
    const fault = parseSettings(payload([setting, value]));
    assert("kind" in fault && fault.code === code);
  }
});
