import { assertEquals } from "@std/assert";
import { TcpPortTroubles } from "../../../lib/ingress/engine/tcp_port_troubles.ts";

const taken = { service: "db", port: 5432, trouble: "taken" };
const open = { service: "db", port: 5432, trouble: undefined };

Deno.test("TcpPortTroubles has a port in trouble until the last thread has it", () => {
  const troubles = new TcpPortTroubles();
  assertEquals(troubles.heard(0, taken), [taken]);
  assertEquals(troubles.heard(1, taken), [taken]);
  assertEquals(troubles.heard(0, open), []);
  assertEquals(troubles.heard(1, open), [open]);
  assertEquals(troubles.heard(1, open), []);
  assertEquals(troubles.heard(0, taken), [taken]);
});

Deno.test("TcpPortTroubles forgets those of a thread that has ended", () => {
  const troubles = new TcpPortTroubles();
  troubles.heard(0, taken);
  troubles.heard(1, taken);
  troubles.heard(1, { ...taken, port: 1 });
  assertEquals(troubles.gone(0), []);
  assertEquals(troubles.gone(1).map(({ port, trouble }) => [port, trouble]), [[5432, undefined], [1, undefined]]);
  assertEquals(troubles.gone(1), []);
});
