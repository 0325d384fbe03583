import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "node:path";
import { type CertificateFolder, openCertificateFolder } from "../../../lib/ingress/tls/certificate_folder.ts";
import type { ServedCertificate } from "../../../lib/ingress/tls/certificates.ts";
import { granted } from "../../support/granted.ts";
import { listenToLog, type LoggedLine } from "./logged.ts";
import { type TestAuthority, testAuthority } from "./tls_scene.ts";

const DAY_MS = 86_400_000;

interface Kept {
  readonly folder: string;
  readonly authority: TestAuthority;
  readonly lines: LoggedLine[];
  /** What was given on, the last time at the end. */
  readonly given: (readonly ServedCertificate[])[];
  put(name: string, certificate: { chain: string; key: string }, ends?: [string, string]): Promise<void>;
  open(): Promise<CertificateFolder>;
}

function withFolder(name: string, body: (kept: Kept) => Promise<void>): void {
  Deno.test({
    name,
    ignore: !granted,
    async fn() {
      const folder = await Deno.makeTempDir();
      const lines: LoggedLine[] = [];
      const given: (readonly ServedCertificate[])[] = [];
      const stop = listenToLog((line) => lines.push(line));
      const put: Kept["put"] = async (name, { chain, key }, [chainEnd, keyEnd] = [".crt", ".key"]) => {
        await Deno.writeTextFile(join(folder, `${name}${chainEnd}`), chain);
        await Deno.writeTextFile(join(folder, `${name}${keyEnd}`), key, { mode: 0o600 });
      };
      const open = () => openCertificateFolder(folder, { onChanged: (certificates) => given.push(certificates) });
      try {
        await body({ folder, authority: await testAuthority(), lines, given, put, open });
      } finally {
        stop();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

function hostsOf(certificates: readonly ServedCertificate[] | undefined): string {
  return (certificates ?? []).map(({ hosts }) => hosts.join()).toSorted().join(" ");
}

withFolder("a folder's pairs are found by any name and ending, and as ACME clients keep them", async (kept) => {
  const { folder, authority, put, open, lines } = kept;
  await put("one", await authority.issue(["a.test", "127.0.0.1", "::1"]));
  await put("two", await authority.issue(["B.test"]), [".pem", ".key"]);
  await Deno.mkdir(join(folder, "c.test"));
  const third = await authority.issue(["*.c.test"]);
  await put("c.test/", third, ["fullchain.pem", "privkey.pem"]);
  await put("c.test/", third, ["cert.pem", "unrelated"]);
  await Deno.mkdir(join(folder, "empty"));
  await Deno.writeTextFile(join(folder, "README"), "Nothing to see here");
  const opened = await open();
  assertEquals(hostsOf(opened.certificates()), "*.c.test a.test,127.0.0.1,::1 b.test");
  assertEquals(opened.expiries().map(({ name }) => name).toSorted(), ["c.test", "one", "two"]);
  assertEquals(lines.filter(({ level }) => level !== "info"), []);
});

withFolder("a folder may be that of one name, as ACME clients keep it", async ({ authority, put, open }) => {
  const certificate = await authority.issue(["a.test"]);
  await put("", certificate, ["fullchain.pem", "privkey.pem"]);
  await put("", certificate, ["cert.pem", "chain.pem"]);
  assertEquals(hostsOf((await open()).certificates()), "a.test");
});

withFolder("a folder without a certificate that can be used is refused, with what to do", async (kept) => {
  const { folder, authority, put, open, lines } = kept;
  await assertRejects(open, Error, `${folder} holds no certificate that can be used; put <name>.crt and <name>.key`);
  const { chain } = await authority.issue(["a.test"]);
  await put("a", { chain, key: (await authority.issue(["a.test"])).key });
  await assertRejects(open, Error, "holds no certificate that can be used");
  assertMatch(lines.at(-1)?.text ?? "", /left out.*a\.crt.*the key is not the certificate's/);
});

withFolder("what changes in a folder is given on, and what doesn't is not read again", async (kept) => {
  const { folder, authority, put, open, given } = kept;
  await put("a", await authority.issue(["a.test"]));
  const opened = await open();
  await opened.look();
  assertEquals(given.length, 1);
  await put("a", await authority.issue(["a.test", "b.test"]));
  await put("c", await authority.issue(["c.test"]));
  await opened.look();
  assertEquals([given.length, hostsOf(given[1])], [2, "a.test,b.test c.test"]);
  await Deno.remove(join(folder, "a.crt"));
  await Deno.remove(join(folder, "a.key"));
  await opened.look();
  assertEquals(given.length, 2);
  await opened.look();
  assertEquals([given.length, hostsOf(given[2])], [3, "c.test"]);
});

withFolder("a pair that is half written leaves the former one in use, and is spoken of once", async (kept) => {
  const { folder, authority, put, open, given, lines } = kept;
  const [first, second] = [await authority.issue(["a.test"]), await authority.issue(["a.test", "b.test"])];
  await put("a", first);
  const opened = await open();
  const half = (text: string) => text.slice(0, text.length >> 1);
  const broken: [{ chain: string; key: string }, RegExp][] = [
    [{ chain: half(second.chain), key: first.key }, /no certificate, or a broken one/],
    [{ chain: second.chain, key: first.key }, /the key is not the certificate's/],
    [{ chain: second.chain, key: half(second.key) }, /key/],
    [{ chain: "", key: "" }, /no certificate/],
  ];
  for (const [pair, reason] of broken) {
    await put("a", pair);
    lines.length = 0;
    await opened.look();
    await opened.look();
    assertEquals(lines.length, 1);
    assertMatch(lines[0]!.text, /"warn".*the former one stays in use.*a\.crt/);
    assertMatch(lines[0]!.text, reason);
    assertEquals(hostsOf(opened.certificates()), "a.test");
  }
  await Deno.remove(join(folder, "a.key"));
  await opened.look();
  assertMatch(lines.at(-1)?.text ?? "", /its certificate or its key is missing/);
  assertEquals(given.length, 1);
  await put("a", second);
  await opened.look();
  assertEquals(hostsOf(given.at(-1)), "a.test,b.test");
});

withFolder("a folder that is emptied, or is gone, leaves the former certificates in use", async (kept) => {
  const { folder, authority, put, open } = kept;
  await put("a", await authority.issue(["a.test"]));
  const opened = await open();
  await Deno.remove(join(folder, "a.crt"));
  await opened.look();
  await assertRejects(() => opened.look(), Error, "no certificate is left; the former ones stay in use");
  await Deno.rename(folder, `${folder}.away`);
  await assertRejects(() => opened.look(), Deno.errors.NotFound);
  await Deno.rename(`${folder}.away`, folder);
  assertEquals(hostsOf(opened.certificates()), "a.test");
});

withFolder("where several certificates name a host, the one that is good for longest comes first", async (kept) => {
  const { authority, put, open } = kept;
  await put("a", await authority.issue(["a.test", "first.test"], 30 * DAY_MS));
  await put("b", await authority.issue(["a.test", "second.test"], 90 * DAY_MS));
  await put("c", await authority.issue(["a.test", "third.test"], 60 * DAY_MS));
  const opened = await open();
  assertEquals(opened.certificates().map(({ hosts }) => hosts[1]), ["second.test", "third.test", "first.test"]);
  const [first] = opened.expiries();
  assert(first !== undefined && Math.abs(first.expiresMs - Date.now() - 30 * DAY_MS) < DAY_MS);
});

withFolder("a key that others can read, and a certificate that expires soon, are warned of", async (kept) => {
  const { folder, authority, put, open, lines } = kept;
  await put("a", await authority.issue(["a.test"], 13 * DAY_MS));
  await Deno.chmod(join(folder, "a.key"), 0o644);
  await open();
  const warnings = lines.filter(({ level }) => level === "warn").map(({ text }) => text);
  assertEquals(warnings.length, 2);
  assertMatch(warnings[0]!, /can be read by others.*a\.key/);
  assertMatch(warnings[1]!, /about to expire.*"a"/);
});

withFolder("watch() looks every five seconds, and says once what keeps it from looking", async (kept) => {
  const { folder, authority, put, given, lines } = kept;
  await put("a", await authority.issue(["a.test"]));
  const waits: { ms: number; wake: () => void }[] = [];
  let isWaiting = Promise.withResolvers<void>();
  const clock = {
    wall: Date.now,
    sleep: (ms: number) =>
      new Promise<void>((wake) => {
        waits.push({ ms, wake });
        isWaiting.resolve();
      }),
  };
  const wakeUp = async () => {
    await isWaiting.promise;
    isWaiting = Promise.withResolvers();
    waits.at(-1)?.wake();
    await isWaiting.promise;
  };
  const opened = await openCertificateFolder(folder, { onChanged: (certificates) => given.push(certificates), clock });
  const ending = new AbortController();
  const watching = opened.watch({ signal: ending.signal });
  await put("a", await authority.issue(["b.test"]));
  await wakeUp();
  assertEquals(hostsOf(given.at(-1)), "b.test");
  await Deno.rename(folder, `${folder}.away`);
  lines.length = 0;
  await wakeUp();
  await wakeUp();
  assertEquals(lines.map(({ level }) => level), ["error"]);
  await Deno.rename(`${folder}.away`, folder);
  await wakeUp();
  assertEquals([lines.length, new Set(waits.map(({ ms }) => ms))], [1, new Set([5_000])]);
  ending.abort();
  waits.at(-1)?.wake();
  await watching;
});
