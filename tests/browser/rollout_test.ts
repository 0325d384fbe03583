/**
 * A release steered by hand from the page: a canary promoted, an update paused and resumed, a former generation brought
 * back; and the labels of a node.
 * @module
 */
import { assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";
import { press } from "./hands.ts";
import { browsing, onStage, type Stage } from "./stage.ts";

const SLOW = "3s";

function web(greeting: string, update: Record<string, unknown>) {
  return {
    command: ["payload", "--greeting", greeting],
    replicas: 2,
    health: { http: "/readyz", interval: "100ms", start_period: "5s" },
    update: { min_healthy: "200ms", ...update },
    stop: { timeout: "2s", drain: "1s" },
  };
}

/** Waits until a rollout to that generation is in that phase, or done unless another one is named. */
function rollout({ cluster }: Stage, to: number, phase = "done") {
  return cluster.untilService("web", {
    what: `generation ${to} to be ${phase}`,
    check: ({ rollout }) => rollout?.to === to && rollout.phase === phase,
  });
}

Deno.test(
  "a canary is promoted, an update paused and resumed, and a former generation brought back",
  browsing,
  async (test) => {
    await onStage({}, async (stage) => {
      const { page, watched, cluster, picture } = stage;
      await cluster.putService("web", web("One", { canary: 1 }));
      await cluster.ready(2, { service: "web" });
      await watched.open("/ui/services/web");
      await test.step("promote", async () => {
        await cluster.putService("web", web("Two", { canary: 1 }));
        await rollout(stage, 2, "canary");
        await until(async () => (await cluster.post("/v1/services/web/promote?dry_run=true", {})).status === 200, {
          what: "the canary to have proved itself",
        });
        await picture("canary");
        await press(page, "Promote", { confirm: "Promote", done: /takes over/ });
        await rollout(stage, 2);
      });
      await test.step("pause and resume", async () => {
        await cluster.putService("web", web("Three", { min_healthy: SLOW }));
        await rollout(stage, 3, "rolling");
        await press(page, "Pause", { done: /is held where it is/ });
        await picture("paused");
        assertEquals((await cluster.service("web")).rollout?.paused, true);
        await press(page, "Resume", { done: /goes on/ });
        await rollout(stage, 3);
      });
      await test.step("roll back to a generation", async () => {
        await page.getByRole("link", { name: "Generations" }).click();
        await press(page, "Roll back to 1", { confirm: "Roll back", done: /goes back to generation 1/ });
        const { spec } = await rollout(stage, 4);
        assertEquals(spec.command.at(-1), "One");
        await picture("generations");
      });
    });
  },
);

Deno.test("a node is given labels", browsing, async () => {
  await onStage({ cluster: { agents: 1 } }, async ({ page, watched, cluster }) => {
    const { nodes: [node] } = await cluster.status();
    await watched.open(`/ui/nodes/${node!.id}`);
    await press(page, "Edit", {
      confirm: "Save",
      done: /labels of .* are changed/,
      answer: (dialog) => dialog.getByRole("textbox").fill("region=eu\nnote=a 'quoted' thing"),
    });
    const labels = await cluster.until({
      what: "the labels",
      check: ({ nodes }) => nodes[0]?.labels.region === "eu" && nodes[0].labels,
    });
    assertEquals(labels, { region: "eu", note: "a 'quoted' thing" });
  });
});
