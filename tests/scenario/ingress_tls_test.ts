/**
 * The ingress's TLS port in front of real programs: with a lab's own certificate, and with the operator's folder, whose
 * certificates are replaced while requests come.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { testAuthority } from "../ingress/tls/tls_scene.ts";
import { type Cluster, startCluster } from "../support/cluster.ts";
import { granted } from "../support/granted.ts";

const scenario = { ignore: !granted || Deno.build.os === "windows" };

function web(word: string) {
  return {
    command: ["payload", "--greeting", word],
    replicas: 2,
    health: { http: "/readyz", interval: "100ms", start_period: "2s" },
    routes: [{ path: "/", hsts: "1h" }],
  };
}

async function portIn({ controller }: Cluster): Promise<number> {
  const line = await controller.logged("the ingress listens for TLS on");
  const [, port] = /listens for TLS on \S+?:(\d+)/.exec(line) ?? [];
  assert(port !== undefined, line);
  return Number(port);
}

async function wordAt(url: string, client: Deno.HttpClient): Promise<string> {
  const response = await fetch(url, { client });
  const text = await response.text();
  return response.ok ? text.split(" ")[0]! : `${response.status} ${text}`;
}

Deno.test(
  "a lab gets a certificate that its own authority vouches for, over HTTP/1.1 and HTTP/2",
  scenario,
  async () => {
    const data = await Deno.makeTempDir();
    const args = ["--ingress-tls-port", "0", "--data", data];
    {
      await using cluster = await startCluster({ agents: 1, controller: { args } });
      await cluster.putService("web", web("Hello"));
      await cluster.ready(2, { service: "web" });
      const url = `https://localhost:${await portIn(cluster)}`;
      const caCerts = [await Deno.readTextFile(`${data}/lab/ca.pem`)];
      for (const http2 of [true, false]) {
        using client = Deno.createHttpClient({ caCerts, http2, http1: !http2 });
        assertEquals(await wordAt(url, client), "Hello");
        const response = await fetch(url, { client });
        await response.body?.cancel();
        assertEquals(response.headers.get("strict-transport-security"), "max-age=3600");
      }
      const { mode } = await Deno.stat(`${data}/lab/ca.key`);
      assertEquals((mode ?? 0) & 0o077, 0);
    }
    await Deno.remove(data, { recursive: true });
  },
);

Deno.test("the operator's certificate is replaced under load, and no request fails", scenario, async () => {
  const folder = await Deno.makeTempDir();
  const [first, second] = [await testAuthority(), await testAuthority()];
  const put = async (authority: typeof first) => {
    const { chain, key } = await authority.issue(["localhost"]);
    await Deno.writeTextFile(`${folder}/web.key`, key, { mode: 0o600 });
    await Deno.writeTextFile(`${folder}/web.crt`, chain);
  };
  await put(first);
  const args = ["--ingress-tls-port", "0", "--ingress-certificates", folder, "--ingress-workers", "2"];
  await using cluster = await startCluster({ agents: 1, controller: { args } });
  await cluster.putService("web", web("Hello"));
  await cluster.ready(2, { service: "web" });
  const url = `https://localhost:${await portIn(cluster)}`;
  const caCerts = [first.pem, second.pem];
  let requests = 0;
  const ending = new AbortController();
  const asking = Array.from({ length: 4 }, async () => {
    while (!ending.signal.aborted) {
      // A connection each, as what is open keeps its certificate.
      using client = Deno.createHttpClient({ caCerts });
      assertEquals(await wordAt(url, client), "Hello");
      requests++;
    }
  });
  await until(() => requests > 50, { what: "requests" });
  await put(second);
  await until(async () => {
    using client = Deno.createHttpClient({ caCerts: [second.pem] });
    return await wordAt(url, client).catch(() => "") === "Hello";
  }, { what: "the new certificate", withinMs: 30_000 });
  ending.abort();
  await Promise.all(asking);
  await Deno.remove(folder, { recursive: true });
});
