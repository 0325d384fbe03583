/**
 * `controller deploy ./web`: packs a folder, gives the cluster what it lacks of it, and rolls it out. No registry, no
 * build: what lies in the folder runs.
 * @module
 */
import { number, pairs, text } from "../../runtime/flag.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { CHUNKS_ASKED_MAX } from "../../wire/artifact.ts";
import { type Packed, packFolder } from "../deploy/pack.ts";
import { upload } from "../deploy/upload.ts";
import { bytes as bytesShown, counted } from "../render/amount.ts";
import { progressOn } from "../render/progress.ts";
import { changeServices, showPlan } from "./changing/change_services.ts";
import { command, type CommandCall, DRY_RUN } from "./command.ts";
import { deploySpec } from "./changing/deploy_spec.ts";
import { UsageError } from "./exit_code.ts";
import { FOLLOW } from "./follow/follow_until.ts";
import { given } from "./changing/given.ts";
import type { GivenSpecs } from "./changing/spec_files.ts";

const FLAGS = {
  name: text({ help: "The service's name, if not the folder's", placeholder: "<name>" }),
  replicas: number({ help: "How many should run", min: 0, max: 10_000, whole: true }),
  command: text({ help: "What to run in the folder, if it isn't found", placeholder: "<command>" }),
  env: pairs({ help: "Variable for it; repeatable" }),
  health: text({ help: "When it is ready: tcp once it listens, or a path that answers", placeholder: "tcp|<path>" }),
  ...FOLLOW,
  ...DRY_RUN,
};
/** Without a check an update can't see whether its new processes do what they should. */
const UNASKED = "no health check: it counts as ready as soon as it runs; --health tcp or --health /path asks it";

type DeployCall = CommandCall<typeof FLAGS>;

export const deploy = command({
  name: "deploy",
  summary: "run a folder: upload what has changed in it, and roll it out",
  details:
    "What to run is found in the folder: muster.yaml, which is a spec without an artifact, package.json, main.ts, " +
    "server.js, main.py and the like, or an executable; --command says it otherwise. A service that is there already " +
    "and whose folder has no muster.yaml keeps all but its files. Only chunks that the cluster lacks are sent.",
  words: [{ name: "folder", kind: "folder" }],
  flags: FLAGS,
  examples: [
    { line: "controller deploy .", does: "the folder one is in" },
    { line: 'controller deploy ./web --replicas 3 --command "node server.js" --env LOG=1', does: "all said" },
  ],
  act: async (call) => {
    const { client, words: [word], flags, signal, note } = call;
    const folder = given(word, 'Cannot deploy: say which folder, "." for the one you are in');
    const packed = await packFolder(folder, { signal });
    if (packed.kind === "refused") throw new UsageError(packed.reason);
    const { spec, how } = await deploySpec(client, packed, { flags, signal });
    await note(foundWords(packed, { how, words: spec.command }));
    if (spec.health === undefined) await note(UNASKED);
    const specs = { names: [spec.name], body: JSON.stringify(spec) };
    if (flags.dryRun) return await rehearse(call, packed, specs);
    await uploadTo(call, packed);
    return await changeServices(call, specs);
  },
});

function foundWords({ files, bytes }: Packed, { how, words }: { how: string; words: readonly string[] }): string {
  const line = words.map((word) => /[\s"']/.test(word) ? JSON.stringify(word) : word).join(" ");
  const number = counted(files.length, "file");
  return printableLine(`${how}: ${line}   ${number}, ${bytesShown(bytes)}`);
}

async function uploadTo({ client, errors, quiet, signal, note }: DeployCall, packed: Packed): Promise<void> {
  const progress = progressOn(errors);
  // A pipe gets the sum alone, as there is nothing to be written over.
  const isShown = errors.live && !quiet;
  let shown = Promise.resolve();
  try {
    const { sentBytes } = await upload(client, packed, {
      signal,
      onProgress: ({ bytesDone, bytesTotal }) => {
        const line = `uploading ${bytesShown(bytesDone)} of ${bytesShown(bytesTotal)}`;
        if (isShown && bytesTotal > 0) shown = shown.then(() => progress.update(line));
      },
    });
    await shown;
    await progress.end();
    await note(sentWords(sentBytes, packed));
  } finally {
    await shown;
    await progress.end();
  }
}

function sentWords(sentBytes: number, { bytes }: Packed): string {
  if (sentBytes === 0) return `uploaded nothing: all ${bytesShown(bytes)} were there`;
  const rest = sentBytes < bytes ? ", the rest was there" : "";
  return `uploaded ${bytesShown(sentBytes)} of ${bytesShown(bytes)}${rest}`;
}

/** Says what would be uploaded and what that would change, and does neither. */
async function rehearse(call: DeployCall, { chunks }: Packed, specs: GivenSpecs): Promise<number> {
  const { client, signal, note } = call;
  const digests = [...chunks.keys()];
  let lacking = 0;
  for (let at = 0; at < digests.length; at += CHUNKS_ASKED_MAX) {
    const asked = digests.slice(at, at + CHUNKS_ASKED_MAX);
    const { missing } = await client.findMissingChunks({ body: { chunks: asked } }, { signal });
    lacking += missing.reduce((sum, digest) => sum + (chunks.get(digest)?.size ?? 0), 0);
  }
  await note(`${bytesShown(lacking)} would be uploaded`);
  return await showPlan(call, { ...specs, beforeUpload: true });
}
