/**
 * Certificates by an authority of the test's own, a TLS port that shows them, and clients that speak TLS with it, or
 * something else.
 * @module
 */
import { Channel } from "../../../lib/ingress/upstream/channel.ts";
import type { Certificates, ServedCertificate } from "../../../lib/ingress/tls/certificates.ts";
import type { TlsClient } from "../../../lib/ingress/tls/tls_arrival.ts";
import { startTlsFront, TLS_LIMITS, type TlsFront, type TlsLimits } from "../../../lib/ingress/tls/tls_front.ts";
import { issuePair, type KeyPair, makeAuthority, readAuthority } from "../../../lib/wire/certificates.ts";
import { granted } from "../../support/granted.ts";

const DAY_MS = 86_400_000;
export const LOCAL = "127.0.0.1";

/** Who vouches for the certificates of a test. */
export interface TestAuthority {
  readonly pem: string;
  issue(hosts: readonly string[], validMs?: number): Promise<ServedCertificate>;
}

export async function testAuthority(): Promise<TestAuthority> {
  const nowMs = Date.now();
  const pair: KeyPair = await makeAuthority("Test authority", nowMs);
  const authority = await readAuthority(pair);
  return {
    pem: pair.certificate,
    async issue(hosts, validMs = 60 * DAY_MS) {
      const { certificate: chain, key } = await issuePair(authority, { subject: "test", hosts, validMs, nowMs });
      return { hosts, chain, key };
    },
  };
}

/** A TLS port whose clients are told what it knows of them, each time they send anything. */
export interface Scene {
  readonly authority: TestAuthority;
  readonly front: TlsFront;
  /** Its port. */
  readonly port: number;
  /** Who was served, in order. */
  readonly clients: readonly TlsClient[];
}

export interface SceneOptions {
  readonly hosts?: readonly (readonly string[])[];
  readonly defaultHost?: string;
  readonly limits?: Partial<TlsLimits>;
  /** What is done with connections; all that comes is sent back unless said. */
  readonly serve?: (conn: Deno.TlsConn) => Promise<void>;
}

export function withFront(name: string, options: SceneOptions, body: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    async fn() {
      const { hosts = [["localhost", LOCAL], ["b.test", "*.b.test"]], defaultHost, limits = {}, serve = echo } =
        options;
      const authority = await testAuthority();
      const served = await Promise.all(hosts.map((of) => authority.issue(of)));
      const certificates: Certificates = { served, defaultHost };
      const clients: TlsClient[] = [];
      const front = startTlsFront({
        listening: { host: LOCAL, port: 0 },
        certificates,
        protocols: ["h2", "http/1.1"],
        limits: { ...TLS_LIMITS, ...limits },
        onConnection: async (conn, client) => {
          clients.push(client);
          await serve(conn);
        },
      });
      try {
        await body({ authority, front, port: front.address.port, clients });
      } finally {
        await front.close();
      }
    },
  });
}

async function echo(conn: Deno.Conn): Promise<void> {
  const channel = new Channel(conn);
  for (let read = await channel.read(); typeof read !== "string"; read = await channel.read()) {
    if (!await channel.write(read)) break;
  }
  channel.close();
}

/** A client that has agreed on TLS. A test reaches each name at loopback by saying it without looking it up. */
export async function connect(
  { authority, port }: Pick<Scene, "authority" | "port">,
  { alpnProtocols }: { alpnProtocols?: string[] } = {},
): Promise<Deno.TlsConn & { alpn: string | null }> {
  const options = { hostname: "localhost", port, caCerts: [authority.pem], ...(alpnProtocols && { alpnProtocols }) };
  const conn = await Deno.connectTls(options);
  try {
    const { alpnProtocol: alpn } = await conn.handshake();
    return Object.assign(conn, { alpn });
  } catch (error) {
    conn.close();
    throw error;
  }
}

/** Sends a text and gives what comes back, if it is as long. */
export async function say(conn: Deno.Conn, text: string): Promise<string> {
  const bytes = new TextEncoder().encode(text);
  const channel = new Channel(conn);
  if (!await channel.write(bytes)) return "broken";
  let answer = "";
  while (answer.length < text.length) {
    const read = await channel.read();
    if (typeof read === "string") return `${answer}|${read}`;
    answer += new TextDecoder().decode(read);
  }
  return answer;
}

/** All that comes until the connection ends. */
export async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  const channel = new Channel(conn);
  const bytes: number[] = [];
  for (let read = await channel.read(); typeof read !== "string"; read = await channel.read()) bytes.push(...read);
  channel.close();
  return Uint8Array.from(bytes);
}

/** What OpenSSL says of a connection. */
export async function openssl(port: number, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command("openssl", {
    args: ["s_client", "-connect", `${LOCAL}:${port}`, ...args],
    stdin: "null",
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}
