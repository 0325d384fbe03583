import { assertEquals } from "@std/assert";
import { Rendezvous } from "../../../lib/ingress/tls/rendezvous.ts";

Deno.test("Rendezvous brings two together, whoever is there first", async () => {
  const turnedAway: string[] = [];
  const rendezvous = new Rendezvous<string>((stranger) => turnedAway.push(stranger));
  rendezvous.arrive(1, "early");
  assertEquals(await rendezvous.expect(1), "early");
  const expected = rendezvous.expect(2);
  rendezvous.arrive(2, "late");
  assertEquals(await expected, "late");
  assertEquals(turnedAway, []);
});

Deno.test("Rendezvous turns away whom nobody expects, and gives nothing to who expects nobody", async () => {
  const { promise, resolve } = Promise.withResolvers<string>();
  const rendezvous = new Rendezvous<string>(resolve);
  rendezvous.arrive(1, "stranger");
  const expected = rendezvous.expect(2);
  assertEquals(await promise, "stranger");
  assertEquals(await expected, undefined);
});

Deno.test("Rendezvous keeps a bounded number of those that nobody expects", () => {
  const turnedAway: number[] = [];
  const rendezvous = new Rendezvous<number>((stranger) => turnedAway.push(stranger));
  for (let port = 0; port < 5_000; port++) rendezvous.arrive(port, port);
  assertEquals(turnedAway.length, 5_000 - 1_024);
  rendezvous.arrive(4_999, 5_000);
  assertEquals(turnedAway.at(-1), 4_999);
  rendezvous.clear();
  assertEquals(turnedAway.length, 5_001);
});
