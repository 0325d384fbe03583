/**
 * `controller token create --name ci --role operator`: a new token, alone on standard output so that it can be sent to a
 * file. What it is for is told beside it.
 * @module
 */
import { Role } from "../../cluster/token.ts";
import { printableLine } from "../../runtime/sanitize.ts";
import { duration, list, oneOf, text } from "../../runtime/flag.ts";
import type { TokenCreated } from "../../wire/api.ts";
import { moment } from "../render/moment.ts";
import { command, DRY_RUN } from "./command.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";
import { UsageError } from "./exit_code.ts";

export const tokenCreate = command({
  name: "token create",
  summary: "make a token for a person or a program",
  usage: "--name <name> [flags]",
  flags: {
    name: text({ help: "Who it is for, such as ada or ci", placeholder: "<name>" }),
    role: oneOf(Role.options, { help: "What it may do", default: "viewer" }),
    service: list({
      noEnv: true,
      help: "Service that it is for, with * for any characters; else all",
      placeholder: "<pattern>",
    }),
    ttlMs: duration({ help: "How long it counts; else until it is removed" }),
    ...DRY_RUN,
  },
  act: async (call) => {
    const { client, flags: { name, role, service, ttlMs, dryRun }, show, note, signal } = call;
    if (name === undefined) throw new UsageError("Cannot create a token: give it a name with --name <name>");
    const services = service.length === 0 ? {} : { services: [...service] };
    const ttl = ttlMs === undefined ? {} : { ttl: `${ttlMs}ms` };
    const body = { name, role, ...services, ...ttl };
    const made = await client.createToken({ body, query: { dry_run: dryRun } }, { signal });
    // A rehearsal makes none that could be shown.
    await show(made, () => "token" in made ? `${printableLine(made.token)}\n` : "");
    await note(`Token of ${scopeOf(made)}.${"token" in made ? ` ${KEEP_IT}` : ""}`);
    if (dryRun) await noteRehearsal(call);
  },
});

const KEEP_IT = "It is shown this once: keep it in a file that only you may read.";

/** Whose it is, what it may do, where and until when. */
function scopeOf({ name, role, services, expires_at }: Omit<TokenCreated, "token">): string {
  const reach = services.length === 0 ? "" : ` for ${services.join(", ")}`;
  const until = expires_at === null ? "until it is removed" : `until ${moment(expires_at)} UTC`;
  return `${name}: ${role}${reach}, ${until}`;
}
