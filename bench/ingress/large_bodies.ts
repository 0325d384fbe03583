/**
 * Much at once: bodies of 100 MB down and up, and 1 GiB each way through a TCP port. What counts is the CPU of whoever
 * carries it, and that its memory stays as it was.
 * @module
 */
import { type Candidate, HAPROXY, HAPROXY_TCP, MUSTER, musterCommand, NGINX, present } from "./peers.ts";
import type { Program } from "./program.ts";
import { answerOn, connectTo, discard, requestBytes, send } from "./raw_client.ts";
import { inTurn, type Mark, medianBy, type Plan, type Report, shown } from "./report.ts";
import { startCandidate, startReplica } from "./scene.ts";
import { BODY_BYTES, TCP_BYTES } from "./sizes.ts";

const BODIES = 10;
const BUFFER_BYTES = 262_144;
const GROWTH_MB_MAX = 16;
const GB = 1_000_000_000;
const MB = 1_000_000;

const MUSTER_TCP: Candidate = {
  name: "Muster",
  command: (ends) => Promise.resolve(musterCommand(ends, { isTcp: true })),
};

/** Carries one piece; gives its bytes. */
type Carry = (port: number) => Promise<number>;

interface Carried {
  /** CPU seconds for each GB. */
  down: number;
  up: number;
  growthMb: number;
}

export async function largeBodies({ rounds, folder }: Plan): Promise<Report[]> {
  await using replica = await startReplica();
  const compare = async (candidates: readonly Candidate[], work: { down: Carry; up: Carry; pieces: number }) =>
    await inTurn(await present(candidates), {
      rounds,
      measure: async (candidate) => {
        await using program = await startCandidate(candidate, { replica, folder });
        return await carried(program, work);
      },
    });
  const bodies = await compare([HAPROXY, NGINX, MUSTER], { down: download, up: upload, pieces: BODIES });
  const streams = await compare([HAPROXY_TCP, MUSTER_TCP], { down: streamDown, up: streamUp, pieces: 1 });
  return [reportOf(bodies, "Bodies of 100 MB"), reportOf(streams, "1 GiB through a TCP port")];
}

async function carried(
  program: Program,
  { down, up, pieces }: { down: Carry; up: Carry; pieces: number },
): Promise<Carried> {
  const { port } = program;
  // What is compiled and grown once is not what is asked for.
  await down(port);
  await up(port);
  const memoryBefore = program.memoryBytes();
  const cost = async (carry: Carry) => {
    const before = program.cpuSeconds();
    let bytes = 0;
    for (let piece = 0; piece < pieces; piece++) bytes += await carry(port);
    return (program.cpuSeconds() - before) * GB / bytes;
  };
  const costs = { down: await cost(down), up: await cost(up) };
  return { ...costs, growthMb: (program.memoryBytes() - memoryBefore) / MB };
}

const buffer = new Uint8Array(BUFFER_BYTES);

async function download(port: number): Promise<number> {
  using conn = await connectTo(port);
  await send(conn, requestBytes("GET /large"));
  const { received } = await answerOn(conn);
  await discard(conn, BODY_BYTES - received, buffer);
  return BODY_BYTES;
}

async function upload(port: number): Promise<number> {
  using conn = await connectTo(port);
  await send(conn, requestBytes("PUT /large", [`Content-Length: ${BODY_BYTES}`]));
  await write(conn, BODY_BYTES);
  const { status } = await answerOn(conn);
  if (status !== 200) throw new Error(`Cannot measure: the upload was answered with ${status}`);
  return BODY_BYTES;
}

async function streamDown(port: number): Promise<number> {
  using conn = await connectTo(port);
  await send(conn, new TextEncoder().encode("bytes down\n"));
  await discard(conn, TCP_BYTES, buffer);
  return TCP_BYTES;
}

async function streamUp(port: number): Promise<number> {
  using conn = await connectTo(port);
  await send(conn, new TextEncoder().encode("bytes up\n"));
  await write(conn, TCP_BYTES);
  await answerOn(conn);
  return TCP_BYTES;
}

async function write(conn: Deno.Conn, bytes: number): Promise<void> {
  for (let left = bytes; left > 0;) left -= await conn.write(buffer.subarray(0, Math.min(left, buffer.length)));
}

function reportOf(samples: ReadonlyMap<string, readonly Carried[]>, title: string): Report {
  const median = (name: string, value: (sample: Carried) => number) => medianBy(samples.get(name), value);
  const down = (name: string) => median(name, (sample) => sample.down);
  const up = (name: string) => median(name, (sample) => sample.up);
  const growth = (name: string) => median(name, (sample) => sample.growthMb);
  const marks: Mark[] = [
    { what: "CPU down, of HAProxy's", measured: down("Muster") / down("HAProxy"), bound: { atMost: 1 } },
    { what: "CPU up, of HAProxy's", measured: up("Muster") / up("HAProxy"), bound: { atMost: 1 } },
    { what: "MB of memory more than before", measured: growth("Muster"), bound: { atMost: GROWTH_MB_MAX } },
  ];
  return {
    title,
    columns: ["", "CPU s/GB down", "of HAProxy", "CPU s/GB up", "of HAProxy", "memory grown by MB"],
    lines: [...samples.keys()].map((name) => [
      name,
      shown(down(name)),
      shown(down(name) / down("HAProxy")),
      shown(up(name)),
      shown(up(name) / up("HAProxy")),
      shown(growth(name)),
    ]),
    marks: marks.filter(({ measured }) => !Number.isNaN(measured)),
  };
}
