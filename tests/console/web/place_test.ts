/**
 * Addresses of the dashboard and the places that they mean.
 * @module
 */
import { assertEquals } from "@std/assert";
import { hrefOf, placeAt } from "../../../lib/console/web/place.ts";

Deno.test("placeAt() finds the overview, a subject and a query", () => {
  assertEquals(placeAt("/ui"), { page: "overview", subject: "", query: {} });
  assertEquals(placeAt("/ui/"), { page: "overview", subject: "", query: {} });
  assertEquals(placeAt("/ui/services/web", "?tab=logs"), { page: "services", subject: "web", query: { tab: "logs" } });
  assertEquals(placeAt("/ui/events"), { page: "events", subject: "", query: {} });
});

Deno.test("placeAt() is nowhere for what is no address of the dashboard", () => {
  for (const path of ["/", "/uix", "/ui/pods", "/ui/services/a/b", "/ui/services/%E0%A4%A", "/v1/services"]) {
    assertEquals(placeAt(path).page, "nowhere", path);
  }
});

Deno.test("hrefOf() gives what placeAt() reads, whatever a name contains", () => {
  for (const name of ["web", "a/b", "<b>&\"'", "%41", "\u202eevil", "日本"]) {
    const url = new URL(hrefOf("services", name, { tab: "logs", left: undefined, empty: "" }), "http://x");
    assertEquals(placeAt(url.pathname, url.search), { page: "services", subject: name, query: { tab: "logs" } });
  }
  assertEquals(hrefOf("overview"), "/ui");
  assertEquals(hrefOf("events", "", { service: "web" }), "/ui/events?service=web");
});
