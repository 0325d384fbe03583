/**
 * `controller context rm prod`: forgets a context and its token. The token itself counts on until it is removed.
 * @module
 */
import { given } from "./changing/given.ts";
import { localCommand } from "./command.ts";
import { contextCalled, readContexts, writeContexts } from "./connection/context_file.ts";

export const contextRm = localCommand({
  name: "context rm",
  summary: "forget a context and its token",
  words: [{ name: "name", kind: "context" }],
  flags: {},
  act: async ({ words: [word], show, io }) => {
    const name = given(word, 'Cannot forget a context: say which; "controller context ls" lists them');
    const { current, contexts } = await readContexts(io);
    contextCalled(name, { contexts });
    const { [name]: _forgotten, ...others } = contexts;
    await writeContexts({ current: current === name ? null : current, contexts: others }, io);
    await show({ name, removed: true }, () => `${name}: forgotten\n`);
  },
});
