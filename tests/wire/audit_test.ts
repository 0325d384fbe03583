import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { AUDIT_LINE_BYTES_MAX, AUDIT_ORIGIN, AuditLine, readAuditLink, sealAuditLine } from "../../lib/wire/audit.ts";
import { askedEntry, chainOf } from "../support/audit_lines.ts";

const time = "2026-03-01T12:00:00.000Z";

Deno.test("sealAuditLine() numbers the line, ties it to the one before and ends it with its hash", () => {
  const after = { seq: 41, hash: "a".repeat(64) };
  const { text, head } = sealAuditLine(askedEntry(5), { after, time });
  assertEquals(AuditLine.parse(JSON.parse(text)), {
    seq: 42,
    time,
    kind: "asked",
    request: "r5",
    who: "person alice (operator)",
    from: "10.0.0.7",
    method: "POST",
    path: "/scale",
    what: "replicas=5",
    prev: "a".repeat(64),
    hash: head.hash,
  });
  assertEquals(head.seq, 42);
  assertMatch(text, /^\{"seq":42,.*,"hash":"[0-9a-f]{64}"\}$/);
});

Deno.test("sealAuditLine() makes lines that readAuditLink() reads, whatever outsiders write into them", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 3_000 }), (what) => {
    const { text, head } = sealAuditLine(askedEntry(1, { what }), { after: AUDIT_ORIGIN, time });
    assert(!text.includes("\n"));
    assert(new TextEncoder().encode(text).length <= AUDIT_LINE_BYTES_MAX);
    const reading = readAuditLink(text);
    assert(reading.kind === "link");
    assertEquals({ seq: reading.link.seq, hash: reading.link.hash }, head);
  }));
});

Deno.test("sealAuditLine() cuts what is too long for a line, even if all of it must be escaped", () => {
  const long = "\u0001".repeat(1_000_000);
  const entry = { ...askedEntry(1), who: long, from: long, method: long, path: long, what: long, request: long };
  const { text } = sealAuditLine(entry, { after: AUDIT_ORIGIN, time });
  assert(text.length <= AUDIT_LINE_BYTES_MAX);
  assertEquals(readAuditLink(text).kind, "link");
});

Deno.test("readAuditLink() tells a line whose content was changed from what is no line", () => {
  const [line = ""] = chainOf(1);
  assertEquals(readAuditLink(line.replace("c0de", "c0df")).kind, "edited");
  assertEquals(readAuditLink(line.replace('"kind"', ' "kind"')).kind, "edited");
  for (const alien of ["", "{}", "null", `${line} `, ` ${line}`, `${line}\r`, line.toUpperCase(), line.slice(0, -1)]) {
    assertEquals(readAuditLink(alien).kind, "alien", alien);
  }
});

Deno.test("readAuditLink() reads lines of a kind that a newer Muster has added", () => {
  const entry = { kind: "sealed", by: "somebody" } as unknown as Parameters<typeof sealAuditLine>[0];
  const reading = readAuditLink(sealAuditLine(entry, { after: AUDIT_ORIGIN, time }).text);
  assert(reading.kind === "link");
  assertEquals(reading.link.kind, "sealed");
});
