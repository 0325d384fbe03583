/**
 * `controller apply -f web.yaml`: declares services, several at once all or nothing, and follows what comes of it.
 * @module
 */
import { changeServices, showPlan } from "./changing/change_services.ts";
import { command, DRY_RUN } from "./command.ts";
import { FOLLOW } from "./follow/follow_until.ts";
import { readSpecs, SPEC_FLAGS } from "./changing/spec_files.ts";

export const apply = command({
  name: "apply",
  summary: "declare services by their specs, and watch them come up",
  details: "The plan is shown first and somebody has to agree; --yes agrees beforehand. Several services are changed " +
    "together or not at all. Then the rollouts are watched to their end: the exit code is 1 when one failed or was " +
    "rolled back, 5 when something finds no place, 6 after --timeout. Ctrl-C stops the watching and nothing else.",
  usage: "-f <path>… [flags]",
  flags: { ...SPEC_FLAGS, ...FOLLOW, ...DRY_RUN },
  examples: [
    { line: "controller apply -f web.yaml", does: "show the plan, ask, apply and watch" },
    { line: "controller apply -f services/ --yes --no-wait", does: "apply a folder in a script, and go on at once" },
  ],
  act: async (call) => {
    const { flags: { file, dryRun }, io } = call;
    const specs = await readSpecs(file, io);
    return dryRun ? await showPlan(call, specs) : await changeServices(call, specs);
  },
});
