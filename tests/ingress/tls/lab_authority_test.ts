import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "node:path";
import { labCertificate } from "../../../lib/ingress/tls/lab_authority.ts";
import { startTlsFront } from "../../../lib/ingress/tls/tls_front.ts";
import { granted } from "../../support/granted.ts";
import { isInstalled } from "../../support/installed.ts";
import { listenToLog } from "./logged.ts";

const DAY_MS = 86_400_000;

interface Lab {
  readonly folder: string;
  readonly lines: string[];
  /** The certificate for these hosts, so many days from now. */
  certificate(hosts: readonly string[], days?: number): ReturnType<typeof labCertificate>;
}

function withLab(name: string, body: (lab: Lab) => Promise<void>, { ignore = false } = {}): void {
  Deno.test({
    name,
    ignore: !granted || ignore,
    async fn() {
      const parent = await Deno.makeTempDir();
      const folder = join(parent, "lab");
      const lines: string[] = [];
      const stop = listenToLog(({ text }) => lines.push(text));
      const nowMs = Date.now();
      const certificate = (hosts: readonly string[], days = 0) =>
        labCertificate({ folder, hosts, clock: { wall: () => nowMs + days * DAY_MS } });
      try {
        await body({ folder, lines, certificate });
      } finally {
        stop();
        await Deno.remove(parent, { recursive: true });
      }
    },
  });
}

withLab(
  "labCertificate() makes a certificate for this host and what is asked for, and says whom to believe",
  async (lab) => {
    const { hosts } = await lab.certificate(["a.test", "*.b.test"]);
    const own = ["localhost", "127.0.0.1", "::1", Deno.hostname().toLowerCase()];
    assertEquals(new Set(hosts), new Set([...own, "a.test", "*.b.test"]));
    assertEquals(lab.lines.length, 1);
    assertStringIncludes(lab.lines[0]!, JSON.stringify(join(lab.folder, "ca.pem")));
  },
);

withLab("labCertificate() keeps its files for this user only", async ({ folder, certificate }) => {
  await certificate([]);
  const modeOf = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;
  assertEquals(await modeOf(folder), 0o700);
  for (const name of ["ca.key", "server.key"]) assertEquals(await modeOf(join(folder, name)), 0o600, name);
}, { ignore: Deno.build.os === "windows" });

withLab("labCertificate() gives what was kept while that will do, and keeps the authority for ever", async (lab) => {
  const first = await lab.certificate(["a.test", "*.b.test"]);
  const authority = await Deno.readTextFile(join(lab.folder, "ca.pem"));
  assertEquals((await lab.certificate(["a.test", "x.b.test"], 300)).chain, first.chain);
  assert((await lab.certificate(["c.test"])).chain !== first.chain, "another host");
  const second = await lab.certificate(["c.test"]);
  assert((await lab.certificate(["c.test"], 380)).chain !== second.chain, "it is about to expire");
  await Deno.writeTextFile(join(lab.folder, "server.key"), "broken");
  assertMatch((await lab.certificate(["c.test"])).key, /PRIVATE KEY/);
  assertEquals(await Deno.readTextFile(join(lab.folder, "ca.pem")), authority);
});

withLab(
  "curl, told to believe a lab's authority, is served by name and by address",
  async ({ folder, certificate }) => {
    const answer = new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 6\r\nconnection: close\r\n\r\nhello\n");
    const front = startTlsFront({
      listening: { host: "127.0.0.1", port: 0 },
      certificates: { served: [await certificate(["a.test"])], defaultHost: undefined },
      protocols: ["http/1.1"],
      onConnection: async (conn) => {
        await conn.read(new Uint8Array(1_000));
        await conn.write(answer);
        conn.close();
      },
    });
    const { port } = front.address;
    for (const host of ["localhost", "127.0.0.1", "a.test"]) {
      const resolve = `${host}:${port}:127.0.0.1`;
      const { stdout, stderr } = await new Deno.Command("curl", {
        args: ["-sS", "--cacert", join(folder, "ca.pem"), "--resolve", resolve, `https://${host}:${port}/`],
      }).output();
      assertEquals([host, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)], [host, "hello\n", ""]);
    }
    await front.close();
  },
  { ignore: !isInstalled("curl") },
);
