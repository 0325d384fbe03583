import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "node:path";
import {
  announce,
  type AuthorityPlace,
  finish,
  type KeptAuthorities,
  openAuthorityFiles,
  placeIn,
  readAuthorityFiles,
  switchOver,
} from "../../../lib/controller/identity/authority_files.ts";
import type { KeyPair } from "../../../lib/wire/certificates.ts";
import { granted } from "../../support/granted.ts";

const SINCE = "2026-01-01T00:00:00.000Z";
const RECORD = { since: SINCE, vouched: "vouched" };

/** A pair whose halves are seen to belong together. */
const pairNamed = (name: string): KeyPair => ({ certificate: `${name} certificate`, key: `${name} key` });

interface Step {
  name: string;
  run: (place: AuthorityPlace) => Promise<unknown>;
}

const open = (place: AuthorityPlace) => openAuthorityFiles(place, () => Promise.resolve(pairNamed("first")));

/** Two replacements on end, as the second one begins where the first has left things. */
const STEPS: readonly Step[] = [
  { name: "open", run: open },
  { name: "announce", run: (place) => announce(place, { ...RECORD, next: pairNamed("second") }) },
  { name: "switch", run: (place) => switchOver(place, RECORD) },
  { name: "finish", run: (place) => finish(place, RECORD) },
  { name: "announce again", run: (place) => announce(place, { ...RECORD, next: pairNamed("third") }) },
  { name: "switch again", run: (place) => switchOver(place, RECORD) },
  { name: "finish again", run: (place) => finish(place, RECORD) },
];

class Killed extends Error {}

/** A disk on which everything after so many operations never happens. */
function cutAfter(operations: number, { folder, disk }: AuthorityPlace): AuthorityPlace {
  let left = operations;
  const unlessKilled = () => {
    if (left-- <= 0) throw new Killed();
  };
  return {
    folder,
    disk: {
      write: async (...asked) => {
        unlessKilled();
        await disk.write(...asked);
      },
      remove: async (path) => {
        unlessKilled();
        await disk.remove(path);
      },
    },
  };
}

async function inFolder(body: (place: AuthorityPlace) => Promise<void>): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "muster-authority-" });
  try {
    await body(placeIn(data));
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

function inWords({ authority, next, former, rotation }: KeptAuthorities): string {
  return [rotation?.phase ?? "none", authority.certificate, next?.certificate, former].join(", ");
}

/** What is there after so many steps, and what a step made of it that was cut after so many operations. */
async function afterCut(steps: number, operations: number): Promise<{ done: boolean; found: string }> {
  let done = true;
  let found = "";
  await inFolder(async (place) => {
    for (const { run } of STEPS.slice(0, steps)) await run(place);
    await STEPS[steps]?.run(cutAfter(operations, place)).catch((error) => {
      if (!(error instanceof Killed)) throw error;
      done = false;
    });
    const kept = await open(place);
    assertEquals(kept.authority.key, kept.authority.certificate.replace("certificate", "key"), "they belong together");
    assertEquals(await readAuthorityFiles(place), kept, "opening has brought everything in order");
    found = inWords(kept);
    // From wherever it was, it can be brought to its end and begun again.
    const { rotation } = kept;
    if (rotation?.phase === "announced") await switchOver(place, RECORD);
    if (rotation?.phase === "announced" || rotation?.phase === "switched") await finish(place, RECORD);
    await announce(place, { ...RECORD, next: pairNamed("last") });
    assertEquals((await open(place)).next, pairNamed("last"));
  });
  return { done, found };
}

Deno.test({
  name: "each step of a replacement is taken or not after a kill at any operation, and keys fit their certificates",
  ignore: !granted,
  fn: async () => {
    for (const [at, { name }] of STEPS.entries()) {
      const before = (await afterCut(at, 0)).found;
      let operations = 0;
      const seen = [before];
      for (let done = false; !done; operations++) {
        const cut = await afterCut(at, operations);
        done = cut.done;
        if (seen.at(-1) !== cut.found) seen.push(cut.found);
        assert(operations < 20, name);
      }
      // Once it has come to the new state it stays there.
      assert(seen.length <= 2, `${name}: ${seen.join(" | ")}`);
      assertEquals(operations > 1, true, name);
    }
  },
});

Deno.test({
  name: "a replacement goes from two authorities of which the older signs to the newer one alone; no key is left over",
  ignore: !granted,
  fn: () =>
    inFolder(async (place) => {
      const seen: string[] = [];
      for (const { run } of STEPS) {
        await run(place);
        seen.push(inWords(await readAuthorityFiles(place)));
      }
      assertEquals(seen, [
        "none, first certificate, , ",
        "announced, first certificate, second certificate, ",
        "switched, second certificate, , first certificate",
        "done, second certificate, , ",
        "announced, second certificate, third certificate, ",
        "switched, third certificate, , second certificate",
        "done, third certificate, , ",
      ]);
      assertEquals(await namesIn(place), ["authority.key", "authority.pem", "rotation.json"]);
      if (Deno.build.os === "windows") return;
      assertEquals((await Deno.stat(join(place.folder, "authority.key"))).mode! & 0o777, 0o600);
      assertEquals((await Deno.stat(place.folder)).mode! & 0o777, 0o700);
    }),
});

Deno.test({
  name: "opening removes what a kill left half written, and names a file that is damaged",
  ignore: !granted,
  fn: () =>
    inFolder(async (place) => {
      await open(place);
      await Deno.writeTextFile(join(place.folder, ".next.key.1234.tmp"), "half a k");
      await Deno.writeTextFile(join(place.folder, "next.key"), "of a replacement that never was");
      await open(place);
      assertEquals(await namesIn(place), ["authority.key", "authority.pem"]);
      await Deno.writeTextFile(join(place.folder, "rotation.json"), '{"phase":"over"}');
      await assertRejects(() => open(place), Error, "rotation.json: it is damaged");
    }),
});

async function namesIn({ folder }: AuthorityPlace): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).toSorted();
}
