/**
 * `controller join-token`: an invitation for one host, as the very command to run there. The command is alone on standard
 * output, so that it can be copied or piped into ssh.
 * @module
 */
import { printable } from "../../runtime/sanitize.ts";
import { duration, onOff, pairs } from "../../runtime/flag.ts";
import type { JoinTokenCreated } from "../../wire/join.ts";
import { moment } from "../render/moment.ts";
import { noteRehearsal } from "./changing/rehearsal.ts";
import { command, DRY_RUN } from "./command.ts";

export const joinToken = command({
  name: "join-token",
  summary: "invite a host: prints what to run there",
  flags: {
    ttlMs: duration({ help: "How long it lets a host in; else 15 minutes" }),
    label: pairs({ help: "Label that the node will have, k=v" }),
    raw: onOff({ help: "Print the token alone" }),
    ...DRY_RUN,
  },
  act: async (call) => {
    const { client, flags: { ttlMs, label, raw, dryRun }, show, note, signal } = call;
    const ttl = ttlMs === undefined ? {} : { ttl: `${ttlMs}ms` };
    const { cluster: { leader } } = await client.getStatus({}, { signal });
    const body = { ...ttl, labels: { ...label } };
    const made = await client.createJoinToken({ body, query: { dry_run: dryRun } }, { signal });
    const page = "token" in made ? printable(raw ? `${made.token}\n` : commandFor(leader, made)) : "";
    await show({ ...made, controller: leader }, () => page);
    await ("token" in made ? note(explanation(made)) : noteRehearsal(call));
  },
});

/** The token comes by standard input: a command line is for everybody on a host to read. */
function commandFor(controller: string, { token }: JoinTokenCreated): string {
  const install = "sh muster/install.sh --role agent --host <address of the new host>";
  return `${install} --controller ${controller} --join-token-file - <<'END'\n${token}\nEND\n`;
}

function explanation({ expires_at }: JoinTokenCreated): string {
  return `Run this on the new host, beside the folder that was copied there. It lets in one host, until ` +
    `${moment(expires_at)} UTC.`;
}
