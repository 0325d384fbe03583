/**
 * `controller completion bash|zsh|fish`: a script for the shell that completes commands, flags and the names of what there
 * is. The script knows none of them: it asks `controller __complete`.
 * @module
 */
import { given } from "./changing/given.ts";
import { localCommand } from "./command.ts";
import { COMPLETION_SCRIPTS, isShell } from "./completing/completion_scripts.ts";
import { UsageError } from "./exit_code.ts";

export const completion = localCommand({
  name: "completion",
  summary: "a script that completes commands and names in your shell",
  details: "Beside commands and flags it completes the names of services, replicas, nodes and contexts. It asks the " +
    "controller for them, and offers none where there is no answer within half a second.",
  words: [{ name: "bash|zsh|fish", kind: "shell" }],
  usage: "bash|zsh|fish",
  flags: {},
  examples: [
    { line: "source <(controller completion bash)", does: "in ~/.bashrc" },
    { line: "controller completion zsh > ~/.zfunc/_controller", does: "with ~/.zfunc in fpath, before compinit" },
    { line: "controller completion fish > ~/.config/fish/completions/controller.fish", does: "for fish" },
  ],
  act: async ({ words: [word], out }) => {
    const shell = given(word, "Cannot complete: say for which shell, bash, zsh or fish");
    if (!isShell(shell)) throw new UsageError(`Cannot complete for "${shell}": expected bash, zsh or fish`);
    await out.write(COMPLETION_SCRIPTS[shell]);
  },
});
