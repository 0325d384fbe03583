import { assertEquals } from "@std/assert";
import { GONE_BYTES_MAX, removeGoneLogs } from "../../../lib/agent/logs/gone_logs.ts";
import { noteKeep } from "../../../lib/agent/logs/kept_for.ts";
import { LOGS_USUAL } from "../../../lib/cluster/log_limits.ts";
import { systemClock as clock } from "../../../lib/runtime/clock.ts";
import { granted } from "../../support/granted.ts";

const HERE = "11111111-1111-4111-8111-111111111111";
const MINUTE_MS = 60_000;

/** A folder with a log of each replica: so large, and last written to so long ago. */
async function withLogs(
  logs: Record<string, { bytes: number; minutes: number }>,
  check: (left: () => string[], remove: () => string[], folder: string) => void,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, { bytes, minutes }] of Object.entries(logs)) {
      using file = await Deno.create(`${folder}/${name}`);
      // Without content: it takes no room on the disk.
      await file.truncate(bytes);
      const changed = new Date(clock.wall() - minutes * MINUTE_MS);
      await file.utime(changed, changed);
    }
    const left = () => [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
    const remove = () =>
      removeGoneLogs(folder, { clock, replicas: new Set([HERE]) }).map(({ path }) => path.slice(folder.length + 1));
    check(left, remove, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test({
  name: "removeGoneLogs() removes what is older than a week, of replicas that are gone only",
  ignore: !granted,
  fn: () => {
    const old = { bytes: 10, minutes: 7 * 24 * 60 + 1 };
    return withLogs({ [`${HERE}.out`]: old, "old.out": old, "new.out": { bytes: 10, minutes: 60 } }, (left, remove) => {
      assertEquals(remove(), ["new.out"]);
      assertEquals(left(), [`${HERE}.out`, "new.out"]);
    });
  },
});

Deno.test({
  name: "removeGoneLogs() removes the oldest of what is too much together",
  ignore: !granted,
  fn: () => {
    const [half, third] = [Math.floor(GONE_BYTES_MAX / 2), Math.floor(GONE_BYTES_MAX / 3)];
    const logs = {
      [`${HERE}.out`]: { bytes: GONE_BYTES_MAX, minutes: 0 },
      "a.out": { bytes: half, minutes: 3 },
      "b.out": { bytes: third, minutes: 1 },
      "c.out": { bytes: half, minutes: 2 },
    };
    return withLogs(logs, (left, remove) => {
      assertEquals(remove(), ["b.out", "c.out"]);
      assertEquals(left(), [`${HERE}.out`, "b.out", "c.out"]);
    });
  },
});

Deno.test({
  name: "removeGoneLogs() goes by what was noted of a replica, and removes the note with its last log",
  ignore: !granted,
  fn: () => {
    const [short, long] = ["33333333-3333-4333-8333-333333333333", "44444444-4444-4444-8444-444444444444"];
    const logs = {
      [`${short}.out`]: { bytes: 10, minutes: 61 },
      [`${long}.out`]: { bytes: 10, minutes: 30 * 24 * 60 },
      [`${long}.out.1`]: { bytes: 10, minutes: 100 * 24 * 60 },
    };
    return withLogs(logs, (left, remove, folder) => {
      noteKeep(folder, short, "1h");
      noteKeep(folder, long, "60d");
      assertEquals(remove(), [`${long}.out`]);
      assertEquals(left(), [`${long}.keep`, `${long}.out`]);
      noteKeep(folder, long, LOGS_USUAL.keep);
      assertEquals([remove(), left()], [[], []]);
    });
  },
});
