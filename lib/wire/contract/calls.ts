/**
 * Every operation of the controller's API, by name: its method and its path. Data alone, so that a page in a browser can
 * import it without the schemas; those stand beside it in this folder, under the same names.
 * @module
 */

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export const CALLS = {
  getStatus: ["GET", "/status"],
  addNode: ["POST", "/add-node"],
  scale: ["POST", "/scale"],
  getHealthz: ["GET", "/healthz"],
  getReadyz: ["GET", "/readyz"],
  getVersion: ["GET", "/version"],
  getMetrics: ["GET", "/metrics"],

  listServices: ["GET", "/v1/services"],
  getService: ["GET", "/v1/services/{name}"],
  putService: ["PUT", "/v1/services/{name}"],
  deleteService: ["DELETE", "/v1/services/{name}"],
  scaleService: ["POST", "/v1/services/{name}/scale"],
  restartService: ["POST", "/v1/services/{name}/restart"],
  rollbackService: ["POST", "/v1/services/{name}/rollback"],
  pauseService: ["POST", "/v1/services/{name}/pause"],
  resumeService: ["POST", "/v1/services/{name}/resume"],
  promoteService: ["POST", "/v1/services/{name}/promote"],
  listGenerations: ["GET", "/v1/services/{name}/history"],
  getTraffic: ["GET", "/v1/services/{name}/traffic"],
  readServiceLogs: ["GET", "/v1/services/{name}/logs"],
  listEndpoints: ["GET", "/v1/endpoints/{name}"],
  plan: ["POST", "/v1/plan"],
  apply: ["POST", "/v1/apply"],
  getServiceSchema: ["GET", "/schema/service.json"],

  listNodes: ["GET", "/v1/nodes"],
  registerNode: ["POST", "/v1/nodes"],
  getNode: ["GET", "/v1/nodes/{id}"],
  patchNode: ["PATCH", "/v1/nodes/{id}"],
  deleteNode: ["DELETE", "/v1/nodes/{id}"],
  drainNode: ["POST", "/v1/nodes/{id}/drain"],
  activateNode: ["POST", "/v1/nodes/{id}/activate"],
  rebalance: ["POST", "/v1/rebalance"],

  listReplicas: ["GET", "/v1/replicas"],
  getReplica: ["GET", "/v1/replicas/{id}"],
  restartReplica: ["POST", "/v1/replicas/{id}/restart"],
  stopReplica: ["POST", "/v1/replicas/{id}/stop"],
  signalReplica: ["POST", "/v1/replicas/{id}/signal"],
  readReplicaLogs: ["GET", "/v1/replicas/{id}/logs"],

  listEvents: ["GET", "/v1/events"],
  watch: ["GET", "/v1/watch"],
  getUsage: ["GET", "/v1/usage"],
  explain: ["GET", "/v1/explain/{name}"],

  findMissingChunks: ["POST", "/v1/chunks/missing"],
  putChunk: ["PUT", "/v1/chunks/{digest}"],
  listArtifacts: ["GET", "/v1/artifacts"],
  getArtifact: ["GET", "/v1/artifacts/{digest}"],
  putArtifact: ["PUT", "/v1/artifacts/{digest}"],

  beginSession: ["POST", "/v1/session"],
  getSession: ["GET", "/v1/session"],
  endSession: ["DELETE", "/v1/session"],
  listTokens: ["GET", "/v1/tokens"],
  createToken: ["POST", "/v1/tokens"],
  deleteToken: ["DELETE", "/v1/tokens/{id}"],
  createJoinToken: ["POST", "/v1/join-tokens"],
  join: ["POST", "/v1/join"],
  renew: ["POST", "/v1/renew"],
  getAuthority: ["GET", "/v1/authority"],
  getRotation: ["GET", "/v1/authority/rotation"],
  rotateAuthority: ["POST", "/v1/authority/rotate"],
  getAudit: ["GET", "/v1/audit"],
  getBackup: ["GET", "/v1/backup"],
  restore: ["POST", "/v1/restore"],
} as const satisfies Readonly<Record<string, readonly [Method, `/${string}`]>>;

export type CallName = keyof typeof CALLS;
