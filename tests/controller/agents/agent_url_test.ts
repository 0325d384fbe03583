import { assertEquals, assertStringIncludes } from "@std/assert";
import { forbiddenAddress, isSamePlace, readAgentUrl, resolveHost } from "../../../lib/controller/agents/agent_url.ts";

Deno.test("readAgentUrl() takes http and https and gives the origin", () => {
  for (
    const url of ["http://127.0.0.1:9090", "http://127.0.0.1:9090/", "https://node.example:1", "http://[::1]:9090"]
  ) {
    assertEquals(readAgentUrl(url), { kind: "url", url: new URL(url).origin });
  }
});

Deno.test("readAgentUrl() refuses what is no agent's address", () => {
  const refused: Record<string, string> = {
    "": "no URL",
    "127.0.0.1:9090": "no URL",
    "ftp://h": "not spoken here",
    "file:///etc/passwd": "not spoken here",
    "http://h:65536": "no URL",
    "http://h:0": "port 0",
    "http://user:pw@h": "credentials",
    "http://h/#x": "fragment",
    "http://h#": "fragment",
    "http://h/path": "only host and port",
    "http://h?x": "only host and port",
    [`http://${"h".repeat(2_100)}`]: "characters",
  };
  for (const [url, detail] of Object.entries(refused)) {
    const read = readAgentUrl(url);
    assertStringIncludes(read.kind === "refused" ? read.detail : "taken", detail, url);
  }
});

Deno.test("readAgentUrl() refuses link-local and metadata addresses in every form", () => {
  const hosts = [
    "169.254.169.254",
    "2852039166",
    "0xa9fea9fe",
    "0xA9.0xFE.0xA9.0xFE",
    "0251.0376.0251.0376",
    "169.254.43518",
    "169.254.169.254.",
    "169.254.0.1",
    "[fe80::1]",
    "[febf::1]",
    "[::ffff:169.254.169.254]",
    "[::169.254.1.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[fd00:ec2::254]",
    "100.100.100.200",
  ];
  for (const host of hosts) assertEquals(readAgentUrl(`http://${host}:80`).kind, "refused", host);
  for (
    const host of ["169.253.0.1", "[fec0::1]", "[fd00::1]", "[2001:db8::a9fe:a9fe]", "10.0.0.1", "169.254.example"]
  ) {
    assertEquals(readAgentUrl(`http://${host}:80`).kind, "url", host);
  }
});

Deno.test("forbiddenAddress() sees through a zone", () => {
  assertStringIncludes(forbiddenAddress("fe80::1%eth0") ?? "", "link-local");
  assertEquals(forbiddenAddress("::1"), undefined);
});

Deno.test("resolveHost() refuses a name of which any address is forbidden", async () => {
  const behind = (...addresses: string[]) => resolveHost("h.example", () => Promise.resolve(addresses));
  assertEquals(await behind("10.0.0.1", "10.0.0.2"), { kind: "resolved", address: "10.0.0.1" });
  assertEquals((await behind("10.0.0.1", "169.254.169.254")).kind, "refused");
  assertEquals((await behind("fe80::1%2")).kind, "refused");
  assertEquals((await behind()).kind, "unresolved");
});

Deno.test("isSamePlace() knows a place by all its names, and tells ports apart", async () => {
  const lookup = (name: string) => Promise.resolve(name === "localhost" ? ["::1", "127.0.0.1"] : []);
  const same = (one: string, other: string) => isSamePlace([one, other], lookup);
  assertEquals(await same("http://localhost:9090", "http://127.0.0.1:9090"), true);
  assertEquals(await same("http://[::1]:9090", "http://localhost:9090"), true);
  assertEquals(await same("http://10.0.0.1", "http://10.0.0.1:80"), true);
  assertEquals(await same("http://localhost:9090", "http://127.0.0.1:9091"), false);
  assertEquals(await same("http://unknown.example:9090", "http://127.0.0.1:9090"), false);
});
