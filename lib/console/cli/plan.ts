/**
 * `controller plan -f web.yaml`: what the specs would change, step by step and with reasons. Nothing is changed.
 * @module
 */
import { command } from "./command.ts";
import { showPlan } from "./changing/change_services.ts";
import { readSpecs, SPEC_FLAGS } from "./changing/spec_files.ts";

export const plan = command({
  name: "plan",
  summary: "see what specs would change, and change nothing",
  details:
    "What is said is played through by the very code that decides: fields that become other, replicas that start, " +
    "stop or move with the reason for each, and whether all of it would come to rest. The exit code is 5 when something " +
    "would be left without a place.",
  usage: "-f <path>… [flags]",
  flags: SPEC_FLAGS,
  examples: [
    { line: "controller plan -f web.yaml", does: "one file" },
    { line: "controller plan -f services/ -f extra.yaml", does: "all specs below a folder, and one more" },
    { line: "cat web.yaml | controller plan -f -", does: "standard input" },
  ],
  act: async (call) => {
    const { flags: { file }, io } = call;
    return await showPlan(call, await readSpecs(file, io));
  },
});
