/**
 * All commands, in the order in which one gets to know them. The help, the completion, the manual and the reference page
 * are made of this list.
 * @module
 */
import { apply } from "./apply.ts";
import { auditVerify } from "./audit_verify.ts";
import { backup } from "./backup.ts";
import type { Command } from "./command.ts";
import { completion } from "./completion.ts";
import { contextAdd } from "./context_add.ts";
import { contextLs } from "./context_ls.ts";
import { contextRm } from "./context_rm.ts";
import { contextUse } from "./context_use.ts";
import { deploy } from "./deploy.ts";
import { doctor } from "./doctor.ts";
import { events } from "./events.ts";
import { explain } from "./explain.ts";
import { history } from "./history.ts";
import { joinToken } from "./join_token.ts";
import { logs } from "./logs.ts";
import { ls } from "./ls.ts";
import { manOf } from "./man.ts";
import { nodeActivate } from "./node_activate.ts";
import { nodeAdd } from "./node_add.ts";
import { nodeDrain } from "./node_drain.ts";
import { nodeLabel } from "./node_label.ts";
import { nodeLs } from "./node_ls.ts";
import { nodeRm } from "./node_rm.ts";
import { plan } from "./plan.ts";
import { ps } from "./ps.ts";
import { rebalance } from "./rebalance.ts";
import { restart } from "./restart.ts";
import { restore } from "./restore.ts";
import { rm } from "./rm.ts";
import { rollback } from "./rollback.ts";
import { scale } from "./scale.ts";
import { signal } from "./signal.ts";
import { status } from "./status.ts";
import { pause, promote, resume } from "./steer.ts";
import { stop } from "./stop.ts";
import { tokenCreate } from "./token_create.ts";
import { tokenLs } from "./token_ls.ts";
import { tokenRm } from "./token_rm.ts";
import { top } from "./top.ts";
import { wait } from "./wait.ts";

/** Commands that one looks for together. */
export interface CommandGroup {
  title: string;
  commands: readonly Command[];
}

export const GROUPS: readonly CommandGroup[] = [
  { title: "Look", commands: [status, ls, ps, top, logs, events, explain, history] },
  {
    title: "Change",
    commands: [plan, apply, deploy, scale, restart, rollback, rm, pause, resume, promote, wait, stop, signal],
  },
  { title: "Nodes", commands: [nodeLs, nodeAdd, nodeDrain, nodeActivate, nodeLabel, nodeRm, rebalance] },
  {
    title: "Access",
    commands: [joinToken, tokenCreate, tokenLs, tokenRm, contextAdd, contextLs, contextUse, contextRm],
  },
  { title: "More", commands: [doctor, backup, restore, auditVerify, completion, manOf(() => GROUPS)] },
];

export const COMMANDS: readonly Command[] = GROUPS.flatMap(({ commands }) => commands);
