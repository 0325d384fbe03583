/**
 * What a role allows, said before a button is pressed.
 * @module
 */
import { assertEquals } from "@std/assert";
import { denialOf } from "../../../lib/console/web/permission.ts";

const someone = { name: "ann", role: "operator", services: ["shop-*"] } as const;

Deno.test("denialOf() goes by the role", () => {
  const nobody = { name: null, role: "admin", services: [] } as const;
  assertEquals(denialOf(nobody, { needs: "admin" }), undefined);
  assertEquals(
    denialOf({ ...nobody, name: "bob", role: "viewer" }, { needs: "operator" }),
    "bob is viewer: this takes operator",
  );
});

Deno.test("denialOf() goes by the services that a token is for", () => {
  assertEquals(denialOf(someone, { needs: "operator", service: "shop-web" }), undefined);
  assertEquals(
    denialOf(someone, { needs: "operator", service: "web" }),
    "ann is not for the service web",
  );
  assertEquals(
    denialOf(someone, { needs: "operator" }),
    "ann is for some services only: this is about the cluster as a whole",
  );
  assertEquals(denialOf(someone, { needs: "viewer" }), undefined);
});
