import { assertEquals } from "@std/assert";
import { HostCertificates, isFor } from "../../../lib/ingress/tls/certificates.ts";

const FOUR: [string[], string][] = [
  [["a.test", "b.test"], "first"],
  [["*.a.test", "b.test"], "second"],
  [["www.a.test", "127.0.0.1"], "third"],
];

Deno.test("HostCertificates finds a host's own certificate before its domain's, and the first of several", () => {
  const certificates = new HostCertificates(FOUR, undefined);
  const found = ["a.test", "b.test", "www.a.test", "x.a.test", "127.0.0.1"].map((host) => certificates.find(host));
  assertEquals(found, ["first", "first", "third", "second", "third"]);
});

Deno.test("HostCertificates takes a star for one label, no more and no less", () => {
  const certificates = new HostCertificates(FOUR, undefined);
  for (const host of ["x.y.a.test", "a.a", ".a.test.", "test", "", undefined]) {
    assertEquals(certificates.find(host), undefined, host);
  }
});

Deno.test("HostCertificates gives the default host's certificate where there is no other", () => {
  assertEquals(new HostCertificates(FOUR, "y.a.test").find("c.test"), "second");
  assertEquals(new HostCertificates(FOUR, "y.a.test").find(undefined), "second");
  assertEquals(new HostCertificates(FOUR, "nowhere.test").find(undefined), undefined);
});

Deno.test("isFor() goes by the same rules", () => {
  const hosts = ["a.test", "*.b.test"];
  const answers = ["a.test", "x.b.test", "b.test", "x.y.b.test", "x.a.test"].map((host) => isFor(hosts, host));
  assertEquals(answers, [true, true, false, false, false]);
});
