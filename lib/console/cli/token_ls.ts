/**
 * `controller token ls`: who may come in, until when, and who hasn't for long.
 * @module
 */
import type { TokenView } from "../../wire/api.ts";
import { moment } from "../render/moment.ts";
import { type Cell, plain, table, type TableStyle } from "../render/table.ts";
import { allPages } from "../../wire/client/pages.ts";
import { command } from "./command.ts";

const COLUMNS = ["NAME", "ROLE", "SERVICES", "CREATED", "EXPIRES", "LAST USED", "ID"].map((title) => ({ title }));

export const tokenLs = command({
  name: "token ls",
  summary: "who may come in, as what and until when",
  flags: {},
  act: async ({ client, show, signal }) => {
    const tokens = await allPages((query) => client.listTokens({ query }, { signal }));
    await show(tokens, (screen) => page(tokens, screen));
  },
});

function page(tokens: readonly TokenView[], style: TableStyle): string {
  if (tokens.length === 0) return 'No tokens yet: "controller token create" makes one.\n';
  const rows = tokens.map((token): Cell[] => [
    plain(token.name),
    plain(token.role),
    plain(token.services.join(", ") || "all"),
    { text: moment(token.created_at), tone: "faint" },
    plain(token.expires_at === null ? "never" : moment(token.expires_at)),
    plain(token.last_used_at === null ? "not since the start" : moment(token.last_used_at)),
    { text: token.id, tone: "faint" },
  ]);
  return table(COLUMNS, rows, style);
}
