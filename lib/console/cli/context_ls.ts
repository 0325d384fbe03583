/**
 * `controller context ls`: the contexts, without their tokens.
 * @module
 */
import { type Cell, plain, table, type TableStyle } from "../render/table.ts";
import { localCommand } from "./command.ts";
import { readContexts } from "./connection/context_file.ts";

export const contextLs = localCommand({
  name: "context ls",
  summary: "the controllers that you have names for",
  flags: {},
  act: async ({ show, io }) => {
    const { current, contexts } = await readContexts(io);
    const list = Object.entries(contexts).sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { server, token }]) => ({ name, server, token: token !== undefined, current: name === current }));
    await show(list, (screen) => page(list, screen));
  },
});

interface Listed {
  name: string;
  server: string;
  token: boolean;
  current: boolean;
}

function page(list: readonly Listed[], style: TableStyle): string {
  if (list.length === 0) return 'No contexts yet: "controller context add" makes one.\n';
  const rows = list.map(({ name, server, token, current }): Cell[] => [
    plain(current ? "*" : ""),
    plain(name),
    plain(server),
    plain(token ? "kept" : "none"),
  ]);
  return table(["", "NAME", "SERVER", "TOKEN"].map((title) => ({ title })), rows, style);
}
