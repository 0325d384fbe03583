/**
 * `GET /v1/backup` and `POST /v1/restore`: all that the controller must not forget, as one file, and back. A restored
 * controller goes on as after a restart: it asks every node what runs and keeps all that the backup knows.
 * @module
 */
import { BackupFault, readBackup, writeBackup } from "../../wire/backup.ts";
import { problem } from "../../wire/problem.ts";
import { BACKUP_MEDIA_TYPE, type Restored } from "../../wire/restored.ts";
import { layBeside, takeAway } from "../backup/restored_authority.ts";
import { savedLines } from "../backup/saved_lines.ts";
import { type BackupContent, takeIn } from "../backup/taken_in.ts";
import { headBeyond } from "../store/replacement.ts";
import { badRequest, conflict, json } from "./answer.ts";
import type { ApiContext, Call, Route } from "./context.ts";
import { UNKEPT } from "./precondition.ts";
import { flagIn } from "./query.ts";
import { route } from "./route.ts";

const RETRY_AFTER_S = 60;

export const backupRoutes: readonly Route[] = [
  // Whoever has it has every secret of the cluster.
  route("getBackup", { onRecord: true, handle: getBackup }),
  route("restore", { refuses: UNKEPT, bodyIsStream: true, handle: postRestore }),
];

function getBackup(call: Call): Response {
  const { store, artifacts, identity, clock } = call.var.api;
  const authority = identity && (() => identity.authority.kept());
  const name = `muster-${new Date(clock.wall()).toISOString().slice(0, 19).replaceAll(/[:T]/g, "-")}.backup`;
  return new Response(writeBackup(savedLines({ store, artifacts, authority, clock })), {
    headers: {
      "content-type": BACKUP_MEDIA_TYPE,
      "content-disposition": `attachment; filename="${name}"`,
      "cache-control": "no-store",
    },
  });
}

async function postRestore(call: Call): Promise<Response> {
  const { api } = call.var;
  const { body } = call.req.raw;
  if (body === null) return badRequest("a backup is to be the body, as GET /v1/backup gives it");
  const isRehearsal = flagIn(call, "dry_run");
  try {
    const taken = await takeIn(readBackup(body), isRehearsal ? undefined : api.artifacts);
    if (taken.kind === "full") return full();
    const { content } = taken;
    const refusal = misfit(content, api);
    if (refusal !== undefined) return refusal;
    if (isRehearsal) return json({ ...viewOf(content, api, headBeyond(api.state, content.head)), dry_run: true });
    return await api.writes.pass(() => restore(content, api));
  } catch (error) {
    if (!(error instanceof BackupFault)) throw error;
    return problem({
      type: "faulty-backup",
      title: "Bad Request",
      status: 400,
      detail: `this can't be restored: ${error.message}; nothing was changed`,
    });
  }
}

/** Where nodes have identities the backup is to bring the authority that they believe, and nowhere else. */
function misfit({ authority }: BackupContent, { identity }: ApiContext): Response | undefined {
  if ((authority === undefined) === (identity === undefined)) return undefined;
  const detail = authority === undefined
    ? "the backup is of a controller without --secure: restore it to one that was started without"
    : "the backup is of a controller with --secure: restore it to one that was started with it";
  return conflict("other-security", { title: "The controller was started otherwise", detail });
}

/** The authority first, as without it the records would be of a cluster that believes nobody. */
async function restore(content: BackupContent, api: ApiContext): Promise<Response> {
  const { head, authority, records } = content;
  const { cluster, epoch, revision } = head;
  if (authority !== undefined) {
    await layBeside(api.folder, authority, { cluster, epoch: headBeyond(api.state, head).epoch });
  }
  const replaced = await api.store.replace({ cluster, epoch, revision, records });
  if (replaced.kind === "replaced") return json(viewOf(content, api, replaced));
  await takeAway(api.folder);
  return full();
}

type Head = Pick<Restored, "epoch" | "revision">;

function viewOf({ head, records, artifacts }: BackupContent, { state }: ApiContext, beyond: Head): Restored {
  const called = (type: "service" | "node") =>
    records.flatMap(({ record }) => record.type === type ? [record.name] : []).toSorted();
  const services = called("service");
  return {
    cluster: head.cluster,
    created_at: head.created_at,
    epoch: beyond.epoch,
    revision: beyond.revision,
    services,
    nodes: called("node"),
    artifacts,
    removed: [...state.services.keys()].filter((name) => !services.includes(name)).toSorted(),
  };
}

function full(): Response {
  return problem({
    type: "store-full",
    title: "Insufficient Storage",
    status: 507,
    detail: "there is no room left for what the backup holds: nothing was restored. Make room on the controller's disk",
    headers: { "retry-after": String(RETRY_AFTER_S) },
  });
}
