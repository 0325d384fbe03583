import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { isInstalled } from "../../support/installed.ts";
import { fakeController, run } from "./fake_controller.ts";
import { answersOf } from "./sample_cluster.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** What bash would offer for each of the lines, when the key is pressed at its end. */
async function inBash(lines: readonly string[], env: Record<string, string>): Promise<string[][]> {
  const folder = await Deno.makeTempDir({ prefix: "muster-completion-" });
  try {
    const { out: script } = await run(["completion", "bash"]);
    await Deno.writeTextFile(`${folder}/completion.bash`, script);
    const program = `#!/bin/sh\nexec '${Deno.execPath()}' run -A --quiet '${ROOT}controller.ts' "$@"\n`;
    await Deno.writeTextFile(`${folder}/controller`, program, { mode: 0o755 });
    await Deno.writeTextFile(`${folder}/notes.txt`, "");
    const asked = lines.map((line) =>
      `COMP_LINE='controller ${line}'; COMP_POINT=\${#COMP_LINE}; _muster_controller; echo "\${COMPREPLY[*]}"`
    );
    const text = ["source ./completion.bash", ...asked].join("\n");
    const bash = new Deno.Command("bash", {
      args: ["--norc", "-c", text],
      cwd: folder,
      env: { ...env, PATH: `${folder}:${Deno.env.get("PATH") ?? ""}` },
    });
    const { stdout, stderr } = await bash.output();
    assertEquals(new TextDecoder().decode(stderr), "");
    return new TextDecoder().decode(stdout).trimEnd().split("\n").map((line) => line.split(" ").filter(Boolean));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "in bash commands, flags, live names and files are completed",
  ignore: !isInstalled("bash"),
  fn: async () => {
    await using fake = fakeController(answersOf());
    const offered = await inBash([
      "sta",
      "token ",
      "logs --fo",
      "scale w",
      "logs web.",
      "status --output=j",
      "status --token-file no",
    ], { MUSTER_SERVER: fake.server });
    assertEquals(offered, [
      ["status"],
      ["create", "ls", "rm"],
      ["--follow"],
      ["web="],
      ["web.0", "web.1"],
      // Bash has everything up to the "=" already.
      ["json"],
      ["notes.txt"],
    ]);
  },
});

for (const [shell, args] of [["bash", ["-n"]], ["zsh", ["-n"]], ["fish", ["--no-execute"]]] as const) {
  Deno.test({
    name: `the script for ${shell} is one that ${shell} can read`,
    ignore: !isInstalled(shell),
    fn: async () => {
      const { code, out } = await run(["completion", shell]);
      assertEquals(code, 0);
      const path = await Deno.makeTempFile();
      try {
        await Deno.writeTextFile(path, out);
        const { success, stderr } = await new Deno.Command(shell, { args: [...args, path] }).output();
        assertEquals([success, new TextDecoder().decode(stderr)], [true, ""]);
      } finally {
        await Deno.remove(path);
      }
    },
  });
}

Deno.test("completion knows three shells", async () => {
  for (const shell of ["", "tcsh", "constructor"]) assertEquals((await run(["completion", shell])).code, 2);
});
