/**
 * What is said in words on the API page and in the document behind it, beside the summaries of the contract.
 * @module
 */
import type { Need, Tag } from "../../../wire/contract/operation.ts";

/** What holds for all operations, by the paragraph. */
export const ABOUT = [
  "JSON in snake_case; times as RFC 3339; seconds and bytes as plain numbers. In what is sent, unknown fields and " +
  "parameters are refused with 400, so that a typo is named and changes nothing.",
  "Who asks: where the controller wants credentials, send a token as `Authorization: Bearer …`. Roles are viewer, " +
  "operator and admin, each of which may do what those before it may; a token can be for some services only.",
  "Writes: `?dry_run=true` answers what would be done and does nothing. Every resource has a `revision`, which reads " +
  "give as `ETag`; a write with `If-Match` is done only to that revision, else it is 412. A write with an " +
  "`Idempotency-Key` is done once, however often it is sent, and the first answer is given again.",
  "Lists come by the page: `limit` says how much, and `next_cursor`, given as `cursor`, asks for the page after it.",
  "What can't be done is answered by problem details (RFC 9457): `type` is stable and for programs, `detail` is for " +
  "people and says what to do, and `errors` points at each slip in a body.",
] as const;

const TAGS: Readonly<Record<Tag, string>> = {
  Cluster: "The short routes, without a version: what one types into curl.",
  Services: "What should run: specs, scale, rollouts, generations, logs.",
  Nodes: "The hosts: adding, labelling, emptying and removing them.",
  Replicas: "The single processes.",
  Events: "What happens, what is used, and why things are as they are.",
  Artifacts: "Folders that services run, uploaded in chunks that are called by their digests.",
  Access: "Tokens, sessions, invitations, the cluster's authority, and who changed what.",
  Agents: "What agents themselves ask of the controller.",
};

/** In their order on the page. */
export const CHAPTERS: readonly { name: Tag; description: string }[] = Object.entries(TAGS).map(
  // The keys are the tags; no type of a list of entries says so.
  ([name, description]) => ({ name: name as Tag, description }),
);

export const NEEDS: Readonly<Record<Need, string>> = {
  open: "Open: no credential is needed.",
  viewer: "Needs the role viewer.",
  operator: "Needs the role operator.",
  admin: "Needs the role admin.",
  node: "An agent's own, by its credential; an operator may use it in its place.",
};

/** Parameters by their names; those of a path also with what comes before them, where that makes a difference. */
export const PARAMETERS: Readonly<Record<string, string>> = {
  name: "The service's name.",
  id: "Its id.",
  digest: "A SHA-256, in 64 hexadecimal digits.",
  "/v1/nodes/{id}": "The node's id, or its name where no other has it.",
  "/v1/tokens/{id}": "The token's id or name.",
  "/v1/explain/{name}": "A service, a replica such as web.2, or a node, by name or id.",
  limit: "How many there may be, 100 unless said.",
  cursor: "The next_cursor of the page before.",
  dry_run: "Say what would be done, and do nothing.",
  before_upload: "As if the artifacts that the specs name were there. To apply them takes the upload first.",
  force: "Do it although fewer replicas would be left to serve.",
  service: "Only of that service.",
  node: "Only of that node, by id or name.",
  only: "Leave out what replicas use.",
  tail: "How many lines of each replica come first.",
  follow: "Go on with what comes.",
  stream: "Only what was written there.",
  after: "The last one that was read: only what came later.",
  kind: "Which it is, where a name may mean several.",
};

export const HEADERS: Readonly<Record<string, string>> = {
  "If-Match": 'Do it only to that revision, in quotes as ETag gives it, such as "5".',
  "If-None-Match": "With * : do it only if there is none yet.",
  "Idempotency-Key": "Do it once, however often it is sent under this key: 1 to 255 visible ASCII characters.",
  "Last-Event-ID": "As the parameter after: where an event stream goes on.",
};

export const STATUSES: Readonly<Record<number, string>> = {
  200: "Done.",
  201: "Made.",
  202: "Written down; the cluster is on its way there.",
  204: "Done; there is nothing more to say.",
};
