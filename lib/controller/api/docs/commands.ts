/**
 * What one types in place of a request, where the command line has a word for it.
 * @module
 */
import type { CallName } from "../../../wire/contract/calls.ts";

export const COMMANDS: Readonly<Partial<Record<CallName, string>>> = {
  getStatus: "controller status",
  addNode: "controller node add http://127.0.0.1:9090",
  scale: "controller scale 3",
  listServices: "controller ls",
  deleteService: "controller rm web",
  scaleService: "controller scale web=3",
  restartService: "controller restart web",
  rollbackService: "controller rollback web",
  pauseService: "controller pause web",
  resumeService: "controller resume web",
  promoteService: "controller promote web",
  listGenerations: "controller history web",
  readServiceLogs: "controller logs web -f",
  plan: "controller plan -f web.yaml",
  apply: "controller apply -f web.yaml",
  listNodes: "controller node ls",
  deleteNode: "controller node rm host-a",
  drainNode: "controller node drain host-a",
  activateNode: "controller node activate host-a",
  patchNode: "controller node label host-a zone=b",
  rebalance: "controller rebalance",
  listReplicas: "controller ps",
  restartReplica: "controller restart web.1",
  stopReplica: "controller stop web.1",
  signalReplica: "controller signal web.1 SIGHUP",
  readReplicaLogs: "controller logs web.1",
  listEvents: "controller events",
  getUsage: "controller top",
  explain: "controller explain web",
  putArtifact: "controller deploy ./web",
  listTokens: "controller token ls",
  createToken: "controller token create --name ci --role operator",
  deleteToken: "controller token rm ci",
  createJoinToken: "controller join-token",
};
