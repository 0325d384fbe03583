/**
 * A TCP port of the ingress with replicas that are any function of their connections: what the tests of listener and
 * sessions play with. Nothing may be left open when a test ends.
 * @module
 */
import { assertEquals } from "@std/assert";
import { Sweep } from "../../../lib/ingress/engine/deno/sweep.ts";
import { type EndedSession, TcpListener, type TcpListenerOptions } from "../../../lib/ingress/tcp/listener.ts";
import type { Reached, TcpSettings } from "../../../lib/ingress/tcp/session.ts";
import { granted } from "../../support/granted.ts";

const LOOPBACK = "127.0.0.1";
export const NOTHING = new Uint8Array(0);
export const USUAL: TcpSettings = { acceptProxy: false, sendProxy: false, connectMs: 5_000, idleMs: 60_000 };

export interface Target {
  readonly replica: string;
  readonly connect: () => Promise<Reached>;
}

type Serve = (conn: Deno.Conn) => Promise<void>;

export interface Scene {
  readonly listener: TcpListener<Target>;
  readonly ended: EndedSession[];
  /** Where sessions came from, and the replicas that they were brought to, in order. */
  readonly chosen: string[];
  /** How connections and replicas parted. */
  readonly partings: string[];
  /** Resolves when so many sessions are over. */
  whenEnded(count: number): Promise<void>;
  client(): Promise<Deno.TcpConn>;
}

export interface SceneOptions {
  readonly settings?: Partial<TcpSettings>;
  /** By name; what is a function of connections gets a socket of its own. */
  readonly replicas: Readonly<Record<string, Serve | { connect: () => Promise<Reached> }>>;
  readonly listener?: Partial<TcpListenerOptions<Target>>;
}

export function withListener(name: string, options: SceneOptions, body: (scene: Scene) => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn: () => play(options, body) });
}

async function play(
  { settings, replicas, listener: others }: SceneOptions,
  body: (scene: Scene) => Promise<void>,
): Promise<void> {
  const stops: (() => Promise<void>)[] = [];
  const targets = Object.entries(replicas).map(([replica, serve]): Target => {
    if (typeof serve !== "function") return { replica, ...serve };
    const socket = Deno.listen({ hostname: LOOPBACK, port: 0 });
    const serving = acceptAll(socket, serve);
    stops.push(async () => {
      socket.close();
      await serving;
    });
    return {
      replica,
      connect: async () => ({
        conn: await Deno.connect({ hostname: LOOPBACK, port: socket.addr.port }),
        early: NOTHING,
      }),
    };
  });
  const [ended, chosen, partings]: [EndedSession[], string[], string[]] = [[], [], []];
  let news = Promise.withResolvers<void>();
  const socket = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const { port } = socket.addr;
  const listener = new TcpListener<Target>({
    listener: socket,
    settings: () => ({ ...USUAL, ...settings }),
    choose: (source, { tried }) => {
      const target = targets.find(({ replica }) => !tried.includes(replica));
      chosen.push(`${source} ${target?.replica}`);
      return target;
    },
    release: ({ replica }, parting) => partings.push(`${replica} ${parting}`),
    connect: ({ connect }) => connect(),
    sweep: new Sweep(() => performance.now()),
    onEnded: (session) => {
      ended.push(session);
      news.resolve();
      news = Promise.withResolvers();
    },
    ...others,
  });
  const running = listener.run();
  try {
    const whenEnded = async (count: number) => {
      while (ended.length < count) await news.promise;
    };
    const client = () => Deno.connect({ hostname: LOOPBACK, port });
    await body({ listener, ended, chosen, partings, whenEnded, client });
  } finally {
    await listener.close({ drainMs: 0 });
    await running;
    for (const stop of stops) await stop();
  }
  assertEquals(listener.counts().open, 0);
}

async function acceptAll(listener: Deno.Listener, serve: Serve): Promise<void> {
  const serving: Promise<void>[] = [];
  try {
    for (;;) serving.push(serveOne(await listener.accept(), serve));
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource) && !(error instanceof Deno.errors.Interrupted)) throw error;
  }
  await Promise.all(serving);
}

async function serveOne(conn: Deno.Conn, serve: Serve): Promise<void> {
  try {
    await serve(conn);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset) && !(error instanceof Deno.errors.BrokenPipe)) throw error;
  } finally {
    conn.close();
  }
}

/** Says its name, and then sends back what comes, and the end after the end. */
export const echo = (name = ""): Serve => async (conn) => {
  await write(conn, name);
  const buffer = new Uint8Array(65_536);
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    await writeAll(conn, buffer.subarray(0, read));
  }
  await conn.closeWrite();
};

/** A replica that nobody can reach. */
export const absent = { connect: () => Promise.reject(new Deno.errors.ConnectionRefused("nobody listens")) };

export async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await conn.write(bytes.subarray(at));
}

export const write = (conn: Deno.Conn, text: string) => writeAll(conn, new TextEncoder().encode(text));

/** Everything up to the end. */
export async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  const parts: number[][] = [];
  const buffer = new Uint8Array(65_536);
  for (let read = await conn.read(buffer); read !== null; read = await conn.read(buffer)) {
    parts.push([...buffer.subarray(0, read)]);
  }
  return Uint8Array.from(parts.flat());
}

export const readText = async (conn: Deno.Conn) => new TextDecoder().decode(await readAll(conn));

/** The next so many bytes. */
export async function readSome(conn: Deno.Conn, length: number): Promise<string> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const read = await conn.read(bytes.subarray(at));
    if (read === null) throw new Error(`Cannot read ${length} bytes: the connection ended after ${at}`);
    at += read;
  }
  return new TextDecoder().decode(bytes);
}
