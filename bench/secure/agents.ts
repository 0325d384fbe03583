/**
 * Two agents that differ in one thing: one is open to all, the other has papers, so that it speaks TLS and looks at the
 * credential of every call. Each has one replica.
 * @module
 */
import { issueFor, makeAuthority, readAuthority } from "../../lib/wire/certificates.ts";
import { newKeyToCertify } from "../../lib/agent/identity/signing_request.ts";
import { Health } from "../../lib/cluster/health.ts";
import { CONTROLLER, signCredential } from "../../lib/wire/credential.ts";
import { publicKeyText } from "../../lib/wire/keys.ts";
import { startProgram } from "../../scripts/local_program.ts";
import { CLUSTER, orderOf } from "../../tests/agent/agent_process.ts";

const VALID_MS = 3_600_000;
const READY_MS = 10_000;

export interface MeasuredAgent extends AsyncDisposable {
  name: string;
  pid: number;
  port: number;
  replica: string;
  /** What is shown and believed; undefined where nothing is. */
  secure: { credential: string; caCerts: string[] } | undefined;
  fetch: (path: string, init?: RequestInit) => Promise<Response>;
}

/** Starts an agent that runs the command. */
export async function startMeasured(
  name: string,
  options: { secure: boolean; command: string[] },
): Promise<MeasuredAgent> {
  const data = await Deno.makeTempDir({ prefix: "muster-bench-agent-" });
  const secure = options.secure ? await givePapers(data) : undefined;
  const program = await startProgram("agent", { data });
  const port = Number(new URL(program.url).port);
  const client = secure && Deno.createHttpClient({ caCerts: secure.caCerts });
  const base = `${secure === undefined ? "http" : "https"}://127.0.0.1:${port}`;
  const ask = (path: string, init: RequestInit = {}) =>
    fetch(`${base}${path}`, {
      ...init,
      ...(client && { client, headers: { authorization: `Bearer ${secure.credential}` } }),
    });
  const order = orderOf(options.command, { health: Health.parse({ tcp: true }) });
  const orders = { cluster: CLUSTER, epoch: 1, revision: 1, node: "n1", replicas: [order] };
  const answer = await ask("/v1/assignments", { method: "PUT", body: JSON.stringify(orders) });
  if (!answer.ok) throw new Error(`Cannot give orders to ${name}: ${await answer.text()}`);
  await answer.body?.cancel();
  await untilReady(ask);
  return {
    name,
    pid: program.pid,
    port,
    replica: order.assignment.id,
    secure,
    fetch: ask,
    [Symbol.asyncDispose]: async () => {
      client?.close();
      await program[Symbol.asyncDispose]();
      await Deno.remove(data, { recursive: true });
    },
  };
}

/** Writes into the folder what an agent has that has joined; returns what its controller has. */
async function givePapers(data: string): Promise<{ credential: string; caCerts: string[] }> {
  const nowMs = Date.now();
  const [issuedAt, expiresAt] = [new Date(nowMs), new Date(nowMs + VALID_MS)];
  const authority = await readAuthority(await makeAuthority(CLUSTER, nowMs));
  const { key, request } = await newKeyToCertify();
  const identity = crypto.randomUUID();
  const certificate = await issueFor(authority, request, {
    subject: identity,
    hosts: ["127.0.0.1"],
    validMs: VALID_MS,
    nowMs,
  });
  const trusted = [{
    id: "a",
    certificate: authority.certificate,
    public_key: await publicKeyText(authority.publicKey),
  }];
  const papers = {
    cluster: CLUSTER,
    trusted,
    certificate,
    credential: "",
    peer_credential: "",
    expires_at: expiresAt.toISOString(),
    key,
    issued_at: issuedAt.toISOString(),
  };
  await Deno.writeTextFile(`${data}/identity.json`, JSON.stringify(papers));
  await Deno.writeTextFile(`${data}/node-id`, `${identity}\n`);
  const claims = { cluster: CLUSTER, subject: CONTROLLER, audience: identity, issuedAt, expiresAt };
  const credential = await signCredential(claims, { id: "a", privateKey: authority.privateKey });
  return { credential, caCerts: [authority.certificate] };
}

async function untilReady(ask: MeasuredAgent["fetch"]): Promise<void> {
  const deadline = AbortSignal.timeout(READY_MS);
  const response = await ask("/v1/observations", { signal: deadline });
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    if (text.includes('"ready":true')) break;
  }
}
