/**
 * `controller context use prod`: commands go there from now on, unless they are told otherwise.
 * @module
 */
import { localCommand } from "./command.ts";
import { contextCalled, readContexts, writeContexts } from "./connection/context_file.ts";

export const contextUse = localCommand({
  name: "context use",
  summary: "make a context the current one",
  words: [{ name: "name", kind: "context" }],
  flags: {},
  act: async ({ words: [name = ""], show, io }) => {
    const contexts = await readContexts(io);
    const { server } = contextCalled(name, contexts);
    await writeContexts({ ...contexts, current: name }, io);
    await show({ name, server }, () => `${name}: ${server}\n`);
  },
});
