/**
 * nginx and HAProxy in front of a replica, each with a configuration of its own and as it is used most: what Muster is
 * compared with. They run in the foreground below a temporary folder and end with the test.
 * @module
 */
import { join } from "node:path";

export interface OtherProxy extends AsyncDisposable {
  port: number;
}

const PROGRAMS = { nginx: "/usr/sbin/nginx", haproxy: "/usr/sbin/haproxy" } as const;

export type ProxyName = keyof typeof PROGRAMS;

/** How often it is looked whether it listens, and for how long. */
const LOOK_MS = 20;
const LOOKS_MAX = 500;

/** Those that are not installed. */
export function missingProxies(): ProxyName[] {
  return (Object.keys(PROGRAMS) as ProxyName[]).filter((name) => !isFile(PROGRAMS[name]));
}

export async function startOther(name: ProxyName, replicaPort: number): Promise<OtherProxy> {
  const folder = await Deno.makeTempDir({ prefix: `muster-${name}-` });
  const port = freePort();
  const config = join(folder, "config");
  await Deno.writeTextFile(config, CONFIGS[name]({ folder, port, replicaPort }));
  const args = name === "nginx" ? ["-p", folder, "-e", join(folder, "error.log"), "-c", config] : ["-q", "-f", config];
  const child = new Deno.Command(PROGRAMS[name], { args, stdout: "null", stderr: "null" }).spawn();
  await untilListening(port);
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

interface Place {
  folder: string;
  port: number;
  replicaPort: number;
}

const CONFIGS: Readonly<Record<ProxyName, (place: Place) => string>> = {
  nginx: ({ folder, port, replicaPort }) => `
    daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log crit;
    events { worker_connections 256; }
    http {
      access_log off; client_header_timeout 1s; client_body_timeout 1s;
      ${
    ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(" ")
  }
      server {
        listen 127.0.0.1:${port};
        location / {
          proxy_pass http://127.0.0.1:${replicaPort};
          proxy_http_version 1.1; proxy_request_buffering off; proxy_read_timeout 2s;
          proxy_set_header Host $host; proxy_set_header Connection "";
        }
      }
    }`,
  haproxy: ({ port, replicaPort }) => `
global
  maxconn 256
defaults
  mode http
  http-reuse never
  timeout connect 1s
  timeout client 2s
  timeout server 2s
  timeout http-request 1s
frontend edge
  bind 127.0.0.1:${port}
  default_backend service
backend service
  server replica 127.0.0.1:${replicaPort}
`,
};

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function untilListening(port: number): Promise<void> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  throw new Error(`Cannot start the other proxy: nothing listens on port ${port}`);
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable)) throw error;
    return false;
  }
}
