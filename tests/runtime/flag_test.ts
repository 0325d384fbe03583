import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  duration,
  durationOrOff,
  type Flag,
  list,
  number,
  oneOf,
  onOff,
  pairs,
  port,
  ports,
  text,
} from "../../lib/runtime/flag.ts";
import { envNames, flagName } from "../../lib/runtime/flag_name.ts";

const help = "…";

function assertReads<T>(flag: Flag<T>, value: string, expected: T): void {
  assertEquals(flag.read([value]), { ok: true, value: expected });
}

function assertRefuses<T>(flag: Flag<T>, ...values: string[]): void {
  for (const value of values) {
    const reading = flag.read([value]);
    assert(!reading.ok, `${value} was taken`);
    assertEquals(reading.found, value);
  }
}

Deno.test("port() takes 0 to 65535 and nothing else", () => {
  assertReads(port({ help }), "0", 0);
  assertReads(port({ help }), "65535", 65_535);
  assertRefuses(port({ help }), "", "65536", "-1", "80.5", "0x50", "1e3", "http", " 80", "8 0");
});

Deno.test("number() keeps to its bounds", () => {
  const share = number({ help, min: 0, max: 1 });
  assertReads(share, "0.5", 0.5);
  assertRefuses(share, "1.1", "-0.1", "NaN", "Infinity", ".5");
  assertRefuses(number({ help, min: 0, max: 9, whole: true }), "1.5");
});

Deno.test("durationOrOff() reads a duration, or off", () => {
  const flag = durationOrOff({ help, default: "5m" });
  assertEquals(flag.absent, 300_000);
  assertReads(flag, "1s", 1_000);
  assertReads(flag, "off", "off");
  assertRefuses(flag, "on", "0.5s");
});

Deno.test("duration() reads milliseconds and wants a unit", () => {
  assertReads(duration({ help }), "500ms", 500);
  assertRefuses(duration({ help }), "500", "1.5s");
});

Deno.test("oneOf() takes its words only", () => {
  const format = oneOf(["auto", "json"], { help, default: "auto" });
  assertReads(format, "json", "json");
  assertRefuses(format, "JSON", "toString");
});

Deno.test("onOff() reads the usual words and is off by default", () => {
  const flag = onOff({ help });
  assertEquals(flag.absent, false);
  for (const word of ["true", "yes", "on", "1"]) assertReads(flag, word, true);
  for (const word of ["false", "no", "off", "0"]) assertReads(flag, word, false);
  assertRefuses(flag, "maybe", "");
});

Deno.test("list(), ports() and pairs() collect, and name the element that is wrong", () => {
  assertEquals(list({ help }).read(["a", "b"]), { ok: true, value: ["a", "b"] });
  assertEquals(ports({ help }).read(["80", "x"]), {
    ok: false,
    expected: "a whole number from 0 to 65535",
    found: "x",
  });
  const read = pairs({ help }).read(["zone=a", "q=x=y", "__proto__=1", "zone=b", "empty="]);
  assert(read.ok);
  assertEquals(Object.entries(read.value), [["zone", "b"], ["q", "x=y"], ["__proto__", "1"], ["empty", ""]]);
  assertRefuses(pairs({ help }), "zone", "=a");
});

Deno.test("a default that breaks its own rule is refused when the table is made", () => {
  assertThrows(() => port({ help, default: "http" }), TypeError, `Cannot use "http" as a default`);
});

Deno.test("a flag's type knows whether the value can be missing", () => {
  const host: Flag<string> = text({ help, default: "x" });
  const name: Flag<string | undefined> = text({ help });
  assertEquals([host.absent, name.absent], ["x", undefined]);
});

Deno.test("flagName() and envNames() leave the unit out and split words", () => {
  assertEquals(flagName("healthIntervalMs"), "health-interval");
  assertEquals(envNames("healthIntervalMs"), ["MUSTER_HEALTH_INTERVAL"]);
  assertEquals(envNames("port", { alsoEnv: "PORT" }), ["MUSTER_PORT", "PORT"]);
  assertEquals(envNames("service", { noEnv: true }), []);
  assertEquals(flagName("items"), "items");
});
