import { assertEquals } from "@std/assert";
import { join } from "node:path";
import { layBeside, settleAuthority, takeAway } from "../../../lib/controller/backup/restored_authority.ts";
import { type KeptAuthorities, placeIn, readAuthorityFiles } from "../../../lib/controller/identity/authority_files.ts";
import { writeAuthorityFiles } from "../../../lib/controller/identity/authority_files.ts";
import { granted } from "../../support/granted.ts";

const [SAVED, PRESENT] = ["saved", "present"].map((name): KeptAuthorities => ({
  authority: { certificate: `${name} certificate`, key: `${name} key` },
  next: undefined,
  former: undefined,
  rotation: undefined,
})) as [KeptAuthorities, KeptAuthorities];
const ROTATING: KeptAuthorities = {
  ...SAVED,
  next: { certificate: "next", key: "next key" },
  rotation: { phase: "announced", since: "2030-01-01T00:00:00.000Z", vouched: "vouched" },
};
const BELONGING = { cluster: "c", epoch: 100 };

test("is in force once the store is the one that it belongs to, and the former is set aside", async (data) => {
  await layBeside(data, ROTATING, BELONGING);
  assertEquals(await readAuthorityFiles(placeIn(data)), PRESENT);
  await settleAuthority(data, { cluster: "c", epoch: 100 });
  assertEquals(await readAuthorityFiles(placeIn(data)), ROTATING);
  const former = join(data, "authority.before-epoch-100");
  assertEquals(await readAuthorityFiles({ ...placeIn(data), folder: former }), PRESENT);
  assertEquals(namesIn(data), ["authority", "authority.before-epoch-100"]);
  if (Deno.build.os !== "windows") {
    assertEquals((Deno.statSync(join(data, "authority", "authority.key")).mode ?? 0) & 0o777, 0o600);
  }
});

for (
  const [what, store] of Object.entries({
    "another cluster": { cluster: "d", epoch: 100 },
    "what was before": { cluster: "c", epoch: 99 },
  })
) {
  test(`is taken away where the store is still ${what}`, async (data) => {
    await layBeside(data, SAVED, BELONGING);
    await settleAuthority(data, store);
    assertEquals(await readAuthorityFiles(placeIn(data)), PRESENT);
    assertEquals(namesIn(data), ["authority"]);
  });
}

test("comes in force where a crash left neither in place", async (data) => {
  await layBeside(data, SAVED, BELONGING);
  await Deno.rename(placeIn(data).folder, join(data, "authority.before-epoch-100"));
  await settleAuthority(data, { cluster: "c", epoch: 101 });
  assertEquals(await readAuthorityFiles(placeIn(data)), SAVED);
});

test("that was not written to its end is taken away", async (data) => {
  await layBeside(data, SAVED, BELONGING);
  await Deno.remove(join(data, "authority.restored", "belongs.json"));
  await settleAuthority(data, { cluster: "c", epoch: 101 });
  assertEquals(await readAuthorityFiles(placeIn(data)), PRESENT);
  assertEquals(namesIn(data), ["authority"]);
});

test("takes the place of one that was laid there before, and can be taken away", async (data) => {
  await layBeside(data, ROTATING, BELONGING);
  await layBeside(data, SAVED, { ...BELONGING, epoch: 7 });
  await takeAway(data);
  await takeAway(data);
  assertEquals(namesIn(data), ["authority"]);
});

function test(name: string, run: (data: string) => Promise<void>): void {
  Deno.test(`the authority of a backup ${name}`, { ignore: !granted }, async () => {
    const data = await Deno.makeTempDir({ prefix: "muster-backup-" });
    try {
      await writeAuthorityFiles(placeIn(data), PRESENT);
      await run(data);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}

function namesIn(data: string): string[] {
  return [...Deno.readDirSync(data)].map(({ name }) => name).toSorted();
}
