import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { AUDIT_FILE } from "../../../lib/wire/audit_files.ts";
import { sealAuditLine } from "../../../lib/wire/audit.ts";
import { chainOf, inDataFolder } from "../../support/audit_lines.ts";
import { granted } from "../../support/granted.ts";
import { run } from "./fake_controller.ts";

const ignore = !granted;
const lines = chainOf(5);
const whole = `${lines.join("\n")}\n`;
const lastHash = JSON.parse(lines.at(-1)!).hash as string;

Deno.test({
  name: "audit verify finds a whole log whole, and says the hash to note",
  ignore,
  fn: () =>
    inDataFolder({ [AUDIT_FILE]: whole }, async (data, folder) => {
      const expected = { code: 0, out: `whole  5 lines in ${folder}\nlast   ${lastHash}\n`, errors: "" };
      assertEquals(await run(["audit", "verify", "--data", data]), expected);
      assertEquals(await run(["audit", "verify", "--expect", lastHash], { env: { MUSTER_DATA: data } }), expected);
      const { out } = await run(["audit", "verify", "--data", data, "-o", "json"]);
      assertEquals(JSON.parse(out), { kind: "whole", lines: 5, last: { seq: 5, hash: lastHash }, remarks: [] });
    }),
});

Deno.test({
  name: "audit verify exits with 1 and names the first line that is wrong",
  ignore,
  fn: async () => {
    await inDataFolder({ [AUDIT_FILE]: whole.replace("replicas=3", "replicas=9") }, async (data, folder) => {
      const { code, out } = await run(["audit", "verify", "--data", data]);
      assertEquals([code, out.split("\n")[0]], [1, `BROKEN  line 3 of ${join(folder, AUDIT_FILE)}`]);
      assertStringIncludes(out, "edited: its content is not what its hash was made of");
    });
    await inDataFolder({ [AUDIT_FILE]: `${lines.slice(0, 3).join("\n")}\n` }, async (data) => {
      assertEquals((await run(["audit", "verify", "--data", data])).code, 0);
      const { code, out } = await run(["audit", "verify", "--data", data, "--expect", lastHash]);
      assertEquals(code, 1);
      assertMatch(out, /^BROKEN {2}line 3 of .*\ntruncated: no line has the expected hash/);
    });
  },
});

Deno.test({
  name: "audit verify tells what happened to the log itself, without terminal control",
  ignore,
  fn: () => {
    const entry = { kind: "mended", what: "7 bytes \x1b[31mwere cut" } as const;
    const mended = sealAuditLine(entry, { after: { seq: 5, hash: lastHash }, time: "then" }).text;
    return inDataFolder({ [AUDIT_FILE]: `${whole}${mended}\n` }, async (data) => {
      const { code, out } = await run(["audit", "verify", "--data", data]);
      assertEquals([code, out.split("\n")[1]], [0, "note   number 6, then: 7 bytes were cut"]);
    });
  },
});

Deno.test({
  name: "audit verify exits with 3 where there is no log, and says where to look",
  ignore,
  fn: async () => {
    for (const files of [{}, { lock: "" }, { [AUDIT_FILE]: "" }] as Record<string, string>[]) {
      await inDataFolder(files, async (data) => {
        const { code, out } = await run(["audit", "verify", "--data", data]);
        assertEquals(code, 3);
        assertStringIncludes(out, "say with --data where the controller keeps its files");
      });
    }
  },
});

Deno.test("audit says what it expects, and has a help page", async () => {
  for (
    const words of [["audit"], ["audit", "check"], ["audit", "verify", "--expect", "abc"], ["audit", "verify", "x"]]
  ) {
    assertEquals((await run(words)).code, 2, words.join(" "));
  }
  assertStringIncludes((await run(["audit", "verify"])).errors, "HOME is not set; give one with --data");
  const { code, out } = await run(["audit", "verify", "--help"]);
  assertEquals(code, 0);
  for (const part of ["Usage: controller audit verify", "--data", "--expect"]) assertStringIncludes(out, part);
});
