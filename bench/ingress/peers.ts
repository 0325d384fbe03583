/**
 * Who is compared: Muster's engine and its peers, each as a command for one port in front of one replica, and with the
 * settings that its makers advise for keep-alive towards replicas. None writes an access log.
 * @module
 */
import { denoCommand, isInstalled } from "./program.ts";

/** Where a candidate listens, and where its replica does. */
export interface Ends {
  port: number;
  replica: { hostname: string; port: number };
  hostname?: string;
  /** For its settings and what it writes. */
  folder: string;
}

export interface Candidate {
  name: string;
  /** Has to be there. */
  program?: string;
  command: (ends: Ends) => Promise<string[]>;
  env?: Record<string, string>;
}

/** More than any row needs: what a process may open is the bound. */
const CONNECTIONS_MAX = 19_000;
const CONNECTIONS_MAX_BY_TWO = 8_000;

export const MUSTER: Candidate = { name: "Muster", command: (ends) => Promise.resolve(musterCommand(ends)) };

export const NGINX: Candidate = {
  name: "nginx",
  program: "nginx",
  command: async (ends) => ["nginx", "-c", await written(ends, "nginx.conf", nginxSettings(ends)), "-p", ends.folder],
};

export const HAPROXY: Candidate = {
  name: "HAProxy",
  program: "haproxy",
  command: async (ends) => ["haproxy", "-db", "-f", await written(ends, "haproxy.cfg", haproxySettings(ends, "http"))],
};

export const HAPROXY_TCP: Candidate = {
  name: "HAProxy",
  program: "haproxy",
  command: async (ends) => ["haproxy", "-db", "-f", await written(ends, "haproxy.cfg", haproxySettings(ends, "tcp"))],
};

export const CADDY: Candidate = {
  name: "Caddy",
  program: "caddy",
  command: async (ends) => {
    const file = await written(ends, "Caddyfile", caddySettings(ends));
    return ["caddy", "run", "--config", file, "--adapter", "caddyfile"];
  },
  // Its garbage collector would take the other core else.
  env: { GOMAXPROCS: "1" },
};

export const BARE_FETCH: Candidate = {
  name: "Deno.serve + fetch",
  command: ({ port, replica }) => Promise.resolve(denoCommand("../proxy/bare_fetch.ts", port, replica.port)),
};

/** The ones whose programs are there. Who is missing is said. */
export async function present(candidates: readonly Candidate[]): Promise<Candidate[]> {
  const found: Candidate[] = [];
  for (const candidate of candidates) {
    if (candidate.program === undefined || await isInstalled(candidate.program)) found.push(candidate);
    else console.log(`${candidate.name} is not installed: it is left out`);
  }
  return found;
}

/** What Muster's program of this bench is told. */
export interface MusterSettings {
  port: number;
  replica: { hostname: string; port: number };
  workers: number;
  /** Where replicas are reached through an agent. */
  nodeUrl?: string;
  /** The port leads to the replica byte for byte. */
  isTcp?: boolean;
  /** Further services that get no requests, and how many endpoints each has. */
  others?: { services: number; endpoints: number };
}

export function musterCommand(
  { port, replica }: Pick<Ends, "port" | "replica">,
  more: Partial<MusterSettings> = {},
): string[] {
  const settings: MusterSettings = { port, replica, workers: 1, ...more };
  return denoCommand("muster.ts", JSON.stringify(settings));
}

async function written({ folder }: Ends, name: string, text: string): Promise<string> {
  await Deno.mkdir(folder, { recursive: true });
  const file = `${folder}/${name}`;
  await Deno.writeTextFile(file, text);
  return file;
}

function nginxSettings({ hostname = "127.0.0.1", port, replica, folder }: Ends): string {
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((kind) =>
    `${kind}_temp_path ${folder}/${kind};`
  );
  return `daemon off;
${Deno.uid() === 0 ? "user root;" : ""}
worker_processes 1;
pid ${folder}/nginx.pid;
error_log stderr crit;
events { worker_connections ${CONNECTIONS_MAX}; }
http {
  ${folders.join(" ")}
  access_log off;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  upstream replica { server ${replica.hostname}:${replica.port}; keepalive 512; keepalive_requests 1000000000; }
  server {
    listen ${hostname}:${port};
    location / {
      proxy_pass http://replica;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
    }
    location /ws {
      proxy_pass http://replica;
      proxy_http_version 1.1;
      proxy_set_header Connection upgrade;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
  }
}
`;
}

function haproxySettings({ hostname = "127.0.0.1", port, replica }: Ends, mode: "http" | "tcp"): string {
  return `global
  maxconn ${CONNECTIONS_MAX_BY_TWO}
  nbthread 1
defaults
  mode ${mode}
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${mode === "http" ? "  option forwardfor\n  http-reuse always" : ""}
listen all
  bind ${hostname}:${port}
  server replica ${replica.hostname}:${replica.port}
`;
}

function caddySettings({ port, replica }: Ends): string {
  return `{
  admin off
  auto_https off
}
http://:${port} {
  reverse_proxy ${replica.hostname}:${replica.port} {
    transport http {
      keepalive_idle_conns_per_host 512
    }
  }
}
`;
}
