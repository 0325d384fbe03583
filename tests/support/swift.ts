/**
 * A real S3 server for tests: OpenStack's Swift, as Debian packages it, with its s3api. Four processes on an address of
 * loopback that nobody else has by chance, with their files in a temporary folder; nothing of it is left once it is
 * disposed of. What Swift needs besides, a table of one device for each of its three stores, is written here.
 * @module
 */
import { S3mini } from "s3mini";
import type { S3Access } from "../../lib/controller/source/s3_source.ts";
import { until } from "../../scripts/local_program.ts";
import { isInstalled } from "./installed.ts";

export interface Swift extends AsyncDisposable {
  /** Where it listens, and who may do everything there. */
  access: S3Access;
  /** Makes a bucket. */
  bucket: (name: string) => Promise<S3mini>;
}

const STORES = ["account", "container", "object"] as const;
const PROGRAMS = [...STORES, "proxy"] as const;
/** On an address of their own, they need no others than Swift's usual. */
const PORTS = { account: 6202, container: 6201, object: 6200, proxy: 8080, nobody: 1 };
const START_MAX_MS = 30_000;
const [USER, SECRET] = ["test:tester", "correct-horse-battery"];

/** Whether it can be started here; off Linux, 127.0.0.1 is the only address of loopback. */
export const hasSwift = Deno.build.os === "linux" && PROGRAMS.every((name) => isInstalled(`swift-${name}-server`));

/** The name of a test that needs it, with the reason for which it is skipped. */
export function needingSwift(name: string): string {
  return hasSwift ? name : `${name} (needs swift-proxy, swift-account, swift-container and swift-object)`;
}

/** Resolves once it answers. */
export async function startSwift(): Promise<Swift> {
  await using stack = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "muster-swift-" });
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const address = `127.${[...crypto.getRandomValues(new Uint8Array(3))].map((byte) => byte % 254 + 1).join(".")}`;
  await Deno.mkdir(`${folder}/devices/d1`, { recursive: true });
  for (const name of STORES) {
    await Deno.writeFile(`${folder}/${name}.ring.gz`, await ringOf({ ip: address, port: PORTS[name] }));
    await Deno.writeTextFile(`${folder}/${name}.conf`, storeConfig(name, { folder, address }));
  }
  await Deno.writeTextFile(`${folder}/proxy.conf`, proxyConfig({ folder, address }));
  for (const name of PROGRAMS) stack.use(startOne(name, folder));

  for (const name of PROGRAMS) {
    await until(() => listens(address, PORTS[name]), {
      withinMs: START_MAX_MS,
      what: `swift-${name}-server to listen`,
    });
  }
  const owned = stack.move();
  const endpoint = `http://${address}:${PORTS.proxy}`;
  const access = { endpoint, region: "us-east-1", accessKeyId: USER, secretAccessKey: SECRET };
  return {
    access,
    bucket: async (name) => {
      const bucket = new S3mini({ ...access, endpoint: `${endpoint}/${name}`, fetch: fetchWhole });
      await bucket.createBucket();
      return bucket;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The client leaves the answers to its writes unread, which counts as a leak in a test. */
async function fetchWhole(...request: Parameters<typeof fetch>): Promise<Response> {
  const answer = await fetch(...request);
  const content = await answer.arrayBuffer();
  return new Response(content.byteLength === 0 ? null : content, answer);
}

function startOne(name: typeof PROGRAMS[number], folder: string): AsyncDisposable {
  const process = new Deno.Command(`swift-${name}-server`, {
    args: [`${folder}/${name}.conf`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return {
    [Symbol.asyncDispose]: async () => {
      try {
        process.kill("SIGKILL");
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
      }
      await process.status;
    },
  };
}

interface Place {
  folder: string;
  address: string;
}

/** Without `workers` one process does it all, and killing it leaves no child. */
function commonConfig({ folder, address }: Place, port: number): string {
  return `[DEFAULT]
bind_ip = ${address}
bind_port = ${port}
user = ${Deno.uid() === 0 ? "root" : Deno.env.get("USER")}
swift_dir = ${folder}
devices = ${folder}/devices
mount_check = false
workers = 0
`;
}

function storeConfig(name: typeof STORES[number], place: Place): string {
  return `${commonConfig(place, PORTS[name])}
[pipeline:main]
pipeline = ${name}-server

[app:${name}-server]
use = egg:swift#${name}
`;
}

/** It insists on a cache. One that never answers will do. */
function proxyConfig(place: Place): string {
  return `${commonConfig(place, PORTS.proxy)}
[pipeline:main]
pipeline = catch_errors gatekeeper cache s3api tempauth proxy-server

[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
allow_account_management = true

[filter:catch_errors]
use = egg:swift#catch_errors

[filter:gatekeeper]
use = egg:swift#gatekeeper

[filter:cache]
use = egg:swift#memcache
memcache_servers = ${place.address}:${PORTS.nobody}

[filter:s3api]
use = egg:swift#s3api

[filter:tempauth]
use = egg:swift#tempauth
user_${USER.replace(":", "_")} = ${SECRET} .admin
`;
}

/**
 * The file that `swift-ring-builder` would make, but at once: gzip of a magic word, version and length of a description
 * in JSON (big-endian), and the number of the device for each of two partitions.
 */
async function ringOf({ ip, port }: { ip: string; port: number }): Promise<Uint8Array> {
  const place = { ip, port, replication_ip: ip, replication_port: port };
  const device = { id: 0, device: "d1", region: 1, zone: 1, weight: 1, meta: "", ...place };
  const ring = { byteorder: "little", devs: [device], part_shift: 31, replica_count: 1 };
  const description = new TextEncoder().encode(JSON.stringify(ring));
  const head = new DataView(new ArrayBuffer(6));
  head.setUint16(0, 1);
  head.setUint32(2, description.length);
  const file = new Blob(["R1NG", head, description, new Uint16Array([0, 0])]);
  return await new Response(file.stream().pipeThrough(new CompressionStream("gzip"))).bytes();
}

async function listens(hostname: string, port: number): Promise<boolean> {
  try {
    using _connection = await Deno.connect({ hostname, port });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.ConnectionRefused) return false;
    throw error;
  }
}
