import { assertEquals } from "@std/assert";
import { openInnerListener } from "../../../lib/ingress/tls/inner_listener.ts";
import { TlsArrival } from "../../../lib/ingress/tls/tls_arrival.ts";
import { granted } from "../../support/granted.ts";
import { connect, LOCAL, testAuthority } from "./tls_scene.ts";

const PATIENCE_MS = 5_000;

Deno.test({
  name: "who came for a certificate that is replaced in the step after it was chosen is served with it",
  ignore: !granted,
  async fn() {
    const authority = await testAuthority();
    const inner = openInnerListener(await authority.issue(["localhost"]), ["h2"]);
    const running = inner.run();
    using listener = Deno.listen({ hostname: LOCAL, port: 0 });
    const connecting = connect({ authority, port: listener.addr.port });
    const arrival = new TlsArrival(await listener.accept(), {
      find() {
        queueMicrotask(() => inner.retire());
        return inner;
      },
      onConnection: (conn) => Promise.resolve(conn.close()),
      onSecured: () => {},
      handshakeMs: PATIENCE_MS,
      lingerMs: PATIENCE_MS,
    });
    const ending = arrival.run();
    (await connecting).close();
    assertEquals(await ending, "secured");
    await running;
  },
});
