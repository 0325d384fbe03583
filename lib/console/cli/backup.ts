/**
 * `controller backup muster.backup`: all that the controller must not forget, in one file that was read again before it
 * got its name.
 * @module
 */
import { printableLine } from "../../runtime/sanitize.ts";
import { saveBackup } from "../backup/backup_file.ts";
import { bytes, counted } from "../render/amount.ts";
import { moment } from "../render/moment.ts";
import { given } from "./changing/given.ts";
import { command } from "./command.ts";

export const backup = command({
  name: "backup",
  summary: "save all that the controller must not forget, in one file",
  details:
    "Services with their history, nodes, tokens (as digests), the artifacts that services name, and with --secure " +
    "the cluster's authority: keep the file as you would keep a key. The audit log is not in it. Nothing stands still " +
    "meanwhile; the file shows one moment.",
  words: [{ name: "file", kind: "file" }],
  flags: {},
  examples: [{ line: "controller backup muster-$(date +%F).backup", does: "one for each day" }],
  act: async ({ client, words: [word], show, signal }) => {
    const path = given(word, "Cannot make a backup: say in which file");
    const saved = await saveBackup(path, { begin: () => client.getBackup({}, { signal }) });
    await show({ file: path, ...saved }, () => {
      const { services, nodes, artifacts } = saved;
      const content = [counted(services, "service"), counted(nodes, "node"), counted(artifacts, "artifact")].join(", ");
      return `${printableLine(path)}: ${content}, ${bytes(saved.bytes)}; cluster ${saved.cluster} ` +
        `of ${moment(saved.created_at)} UTC\n`;
    });
  },
});
