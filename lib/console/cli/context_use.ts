/**
 * `controller context use prod`: commands go there from now on, unless they are told otherwise.
 * @module
 */
import { given } from "./changing/given.ts";
import { localCommand } from "./command.ts";
import { contextCalled, readContexts, writeContexts } from "./connection/context_file.ts";

export const contextUse = localCommand({
  name: "context use",
  summary: "make a context the current one",
  words: [{ name: "name", kind: "context" }],
  flags: {},
  act: async ({ words: [word], show, io }) => {
    const name = given(word, 'Cannot use a context: say which; "controller context ls" lists them');
    const contexts = await readContexts(io);
    const { server } = contextCalled(name, contexts);
    await writeContexts({ ...contexts, current: name }, io);
    await show({ name, server }, () => `${name}: ${server}\n`);
  },
});
