import { assert, assertEquals } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { serveReplica } from "../../ingress/rig.ts";
import { isOldRuntime } from "../../support/runtime_version.ts";
import { isInstalled } from "../../support/installed.ts";
import { startEngine } from "./rig.ts";

const PROGRAM = "slowhttptest";
const isMissing = granted && !isInstalled(PROGRAM);

/** Far shorter than in earnest, so that a test sees them at work. */
const LIMITS = { headMs: 1_000, slowMs: 2_000, bytesPerSecondMin: 2_000, lingerMs: 500 };
const CLIENTS = 100;
const ANSWER_BYTES = 8_000_000;
/** As the attacks last at most; those that see that they are cut end sooner. */
const SECONDS_MAX = 10;

/** One attack: its own options, and how the program calls it. */
const ATTACKS: Readonly<Record<string, readonly string[]>> = {
  "slow headers": ["-H", "-i", "1", "-x", "10"],
  "slow body": ["-B", "-i", "1", "-s", "65536", "-x", "10"],
  "slow reading": ["-X", "-n", "1", "-w", "1", "-y", "2", "-z", "1", "-k", "1"],
};

for (const [name, options] of Object.entries(ATTACKS)) {
  Deno.test({
    name: `slowhttptest: ${name} are cut at their limits, and other clients served${
      isMissing ? " (skipped: it is missing)" : ""
    }`,
    // Older runtimes don't give up a write that waits for its peer.
    ignore: !granted || isMissing || (isOldRuntime && name === "slow reading"),
    fn: async () => {
      const large = new Uint8Array(ANSWER_BYTES);
      await using replica = serveReplica((request) =>
        new URL(request.url).pathname === "/" ? new Response("ok") : new Response(large)
      );
      await using rig = startEngine([replica], { limits: LIMITS });
      await using attack = new Deno.Command(PROGRAM, {
        args: [...options, "-c", `${CLIENTS}`, "-r", "100", "-l", `${SECONDS_MAX}`, "-u", `${rig.url}/large`],
        stdout: "piped",
        stderr: "null",
      }).spawn();
      const output = attack.output();
      let isOver = false;
      output.then(() => isOver = true);
      let served = 0;
      for (; !isOver; served++) {
        const response = await fetch(rig.url);
        assertEquals([response.status, await response.text()], [200, "ok"]);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      const text = new TextDecoder().decode((await output).stdout);
      assert(served > 0);
      assert(!/^service available: +.*NO/m.test(text), text);
      if (name === "slow reading") {
        // What it is about to read hides from the attacker that it has been cut.
        const cut = rig.visits.filter(({ head, ended }) => head.path === "/large" && ended === "client left");
        assert(cut.length >= CLIENTS, `${cut.length} are cut`);
      } else {
        assertEquals(stillOpen(text), 0, text);
      }
    },
  });
}

/** The attacker's connections at the end, as it says; it counts them every few seconds, and last in words. */
function stillOpen(text: string): number {
  // deno-lint-ignore no-control-regex
  const plain = text.replaceAll(/\x1b\[[0-9;]*m/g, "");
  if (plain.includes("No open connections left")) return 0;
  return Number([...plain.matchAll(/^connected: +(\d+)/gm)].at(-1)?.[1]);
}
