import { assertEquals } from "@std/assert";
import { AddressBook, AVOIDED_MS, NOTHING_KNOWN } from "../../../lib/agent/relay/address_book.ts";
import type { EndpointsPush, PeerEndpoint } from "../../../lib/wire/protocol.ts";
import { CLUSTER } from "../../support/builders.ts";

const NONE: ReadonlySet<string> = new Set();

function at(replica: string, { suspect = false } = {}): PeerEndpoint {
  return { replica, url: `http://${replica}:9090`, suspect };
}

function push(fields: Partial<EndpointsPush>, services: Record<string, PeerEndpoint[]> = {}): EndpointsPush {
  const listed = Object.entries(services).map(([name, endpoints]) => ({ name, endpoints }));
  return { cluster: CLUSTER, epoch: 1, seq: 1, after: null, services: listed, revoked: [], ...fields };
}

function bookOf(services: Record<string, PeerEndpoint[]>): AddressBook {
  const book = new AddressBook();
  assertEquals(book.take(push({}, services)).kind, "taken");
  return book;
}

function chosen(book: AddressBook, options: { except?: ReadonlySet<string>; nowMs?: number } = {}): string | undefined {
  return book.choose("db", { except: NONE, nowMs: 0, ...options })?.replica;
}

Deno.test("AddressBook takes turns among equals, and prefers the replica with the fewest connections", () => {
  const book = bookOf({ db: [at("a"), at("b"), at("c")] });
  assertEquals([chosen(book), chosen(book), chosen(book), chosen(book)], ["a", "b", "c", "a"]);
  for (const replica of ["a", "a", "b"]) book.open(at(replica));
  assertEquals([chosen(book), chosen(book)], ["c", "c"]);
  book.open(at("c"));
  book.close(at("a"));
  book.close(at("a"));
  assertEquals([chosen(book), chosen(book)], ["a", "a"]);
});

Deno.test("AddressBook chooses a suspect or a replica that was out of reach only where there is no other", () => {
  const book = bookOf({ db: [at("a", { suspect: true }), at("b")] });
  for (let count = 0; count < 100; count++) book.open(at("b"));
  assertEquals([chosen(book), chosen(book)], ["b", "b"]);
  assertEquals(chosen(book, { except: new Set(["b"]) }), "a");
  assertEquals(chosen(book, { except: new Set(["a", "b"]) }), undefined);

  const other = bookOf({ db: [at("a"), at("b")] });
  other.avoid(at("a"), 0);
  assertEquals([chosen(other), chosen(other)], ["b", "b"]);
  assertEquals([chosen(other, { nowMs: AVOIDED_MS }), chosen(other, { nowMs: AVOIDED_MS })], ["a", "b"]);
});

Deno.test("AddressBook takes what has changed only on top of what that follows, and nothing that is older", () => {
  const book = bookOf({ db: [at("a")], web: [at("w")] });
  assertEquals(book.take(push({ seq: 3, after: 2 }, { db: [] })).kind, "refused");
  assertEquals(book.take(push({ epoch: 2, seq: 2, after: 1 }, { db: [] })).kind, "refused");
  assertEquals(book.take(push({ seq: 2, after: 1 }, { db: [at("b")] })).kind, "taken");
  assertEquals([chosen(book), chosen(book)], ["b", "b"]);
  assertEquals(book.choose("web", { except: NONE, nowMs: 0 })?.replica, "w");
  assertEquals(book.take(push({ seq: 1 }, { db: [] })).kind, "refused");
  assertEquals(book.take(push({ epoch: 0, seq: 9 }, { db: [] })).kind, "refused");
  assertEquals(book.position, { epoch: 1, seq: 2 });
  assertEquals(book.take(push({ epoch: 2, seq: 0 }, {})).kind, "taken");
  assertEquals([chosen(book), book.position], [undefined, { epoch: 2, seq: 0 }]);
});

Deno.test("AddressBook tells which replicas have gone, and whether with their node", () => {
  const book = bookOf({ db: [at("a", { suspect: true }), at("b"), at("c")], web: [at("w")] });
  const taken = book.take(push({ seq: 2, after: 1 }, { db: [at("c")] }));
  assertEquals(taken, {
    kind: "taken",
    gone: [{ replica: "a", how: "lost" }, { replica: "b", how: "withdrawn" }],
  });
  assertEquals(book.take(push({ seq: 3 }, { db: [at("c")] })), {
    kind: "taken",
    gone: [{ replica: "w", how: "withdrawn" }],
  });
});

Deno.test("what an AddressBook knows can be given to the next", () => {
  const { known } = bookOf({ db: [at("a")] });
  assertEquals(chosen(new AddressBook(known)), "a");
  assertEquals(new AddressBook().known, NOTHING_KNOWN);
});
