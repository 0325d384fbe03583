/**
 * All commands, in the order in which one gets to know them. The help, the completion, the manual and the reference page
 * are made of this list.
 * @module
 */
import { auditVerify } from "./audit_verify.ts";
import type { Command } from "./command.ts";
import { contextAdd } from "./context_add.ts";
import { contextLs } from "./context_ls.ts";
import { contextRm } from "./context_rm.ts";
import { contextUse } from "./context_use.ts";
import { events } from "./events.ts";
import { joinToken } from "./join_token.ts";
import { logs } from "./logs.ts";
import { scale } from "./scale.ts";
import { status } from "./status.ts";
import { tokenCreate } from "./token_create.ts";
import { tokenLs } from "./token_ls.ts";
import { tokenRm } from "./token_rm.ts";

export const COMMANDS: readonly Command[] = [
  // Looking.
  ...[status, logs, events],
  // Changing.
  ...[scale],
  // Who may do what.
  ...[joinToken, tokenCreate, tokenLs, tokenRm, auditVerify],
  ...[contextAdd, contextLs, contextUse, contextRm],
];
