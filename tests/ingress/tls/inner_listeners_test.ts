import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { InnerListeners } from "../../../lib/ingress/tls/inner_listeners.ts";
import { granted } from "../../support/granted.ts";
import { connect, say, testAuthority, withFront } from "./tls_scene.ts";

const RELOADS = 40;
const CLIENTS = 8;

Deno.test({
  name: "InnerListeners keeps the listeners of certificates that stay, and opens others anew",
  ignore: !granted,
  async fn() {
    const authority = await testAuthority();
    const [first, second, other] = await Promise.all(
      [["a.test"], ["b.test"], ["b.test"]].map((hosts) => authority.issue(hosts)),
    );
    const listeners = new InnerListeners(["h2"]);
    listeners.set({ served: [first!, second!], defaultHost: "b.test" });
    const [a, b] = [listeners.find("a.test"), listeners.find("b.test")];
    assertStrictEquals(listeners.find("c.test"), b);
    listeners.set({ served: [other!, { ...first! }], defaultHost: undefined });
    assertStrictEquals(listeners.find("a.test"), a);
    assert(listeners.find("b.test") !== b);
    assertEquals(listeners.find("c.test"), undefined);
    await listeners.close();
  },
});

withFront(
  `no connection is lost while certificates change ${RELOADS} times, and open ones live on`,
  {},
  async (scene) => {
    const { authority, front } = scene;
    const old = await connect(scene);
    let isOver = false;
    let served = 0;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!isOver) {
        const conn = await connect(scene);
        assertEquals(await say(conn, "hello"), "hello");
        conn.close();
        served += 1;
      }
    });
    for (let count = 0; count < RELOADS; count++) {
      const before = served;
      front.reload({ served: [await authority.issue(["localhost", `${count}.test`])], defaultHost: undefined });
      while (served < before + 2) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    isOver = true;
    await Promise.all(clients);
    assertEquals(await say(old, "still here"), "still here");
    old.close();
    assertEquals(scene.clients.at(-1)?.covers(`${RELOADS - 1}.test`), true);
    await front.close();
    const { secured, ...others } = front.counts().ended;
    assertEquals(secured, served + 1);
    assertEquals(Object.values(others).filter((count) => count > 0), []);
  },
);
