/**
 * Every action of the dashboard, pressed by a hand, against a cluster that runs: what the page says is done is seen to
 * have been done by asking the controller.
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Locator } from "../../scripts/browser/playwright.ts";
import { replicasIn } from "../support/cluster.ts";
import { press } from "./hands.ts";
import { browsing, onStage, type Stage } from "./stage.ts";

const SPEC = `name: web
command: [payload, --greeting, Salute]
replicas: 2
health: { http: /readyz, interval: 100ms, start_period: 5s }
update: { min_healthy: 200ms }
stop: { timeout: 2s, drain: 1s }
`;
/** A page that asks for what is new of something may be told that it is gone before it hears of its end. */
const GONE = String.raw`status of 404 .*/v1/(services/web/traffic|usage\?|explain/|replicas/)`;

Deno.test(
  "a spec is planned and applied, and the service scaled, restarted, rolled back and removed",
  browsing,
  async (test) => {
    const expected = new RegExp(`status of 400 .*/v1/plan|${GONE}`);
    await onStage({ expected }, async (stage) => {
      const { page, watched, cluster } = stage;
      await test.step("plan", async () => {
        await watched.open("/ui/plan");
        await page.getByRole("textbox").fill(`${SPEC}replica: 3\n`);
        await page.getByRole("button", { name: "Plan", exact: true }).click();
        await page.getByRole("alert").filter({ hasText: /line 7.*"?replica"?/s }).waitFor();
        await page.getByRole("textbox").fill(SPEC);
        await page.getByRole("button", { name: "Plan", exact: true }).click();
        await page.getByRole("heading", { name: "2 steps" }).waitFor();
        await stage.picture("planned");
        assertEquals((await cluster.status()).services.length, 1);
      });
      await test.step("apply", async () => {
        await press(page, "Apply", { confirm: "Apply", done: /Applied/ });
        await cluster.ready(2, { service: "web" });
      });
      await watched.open("/ui/services/web");
      await test.step("scale", async () => {
        const answer = (dialog: Locator) => dialog.getByRole("button", { name: "One more" }).click();
        await press(page, "Scale", { confirm: "Scale", answer, done: /3 replicas/ });
        await cluster.ready(3, { service: "web" });
      });
      await test.step("restart", async () => {
        const before = replicasIn(await cluster.status(), "web").map(({ id }) => id);
        await press(page, "Restart", { confirm: "Restart", done: /new processes/ });
        await settled(stage, 2);
        const after = replicasIn(await cluster.status(), "web").map(({ id }) => id);
        assertEquals(after.filter((id) => before.includes(id)), []);
      });
      await test.step("roll back", async () => {
        await press(page, "Roll back", { confirm: "Roll back", done: /goes back/ });
        await settled(stage, 3);
      });
      await test.step("remove", async () => {
        await press(page, "Remove", { confirm: "Remove web", done: /being removed/ });
        await page.getByText("There is no such service").waitFor();
        await cluster.until({
          what: "web to be gone",
          check: ({ services }) => services.every(({ name }) => name !== "web"),
        });
      });
    });
  },
);

Deno.test("a replica is restarted and stopped, a node drained, activated and removed", browsing, async (test) => {
  await onStage({ expected: new RegExp(GONE) }, async (stage) => {
    const { page, watched, cluster } = stage;
    await cluster.scale(2);
    const [first] = await cluster.ready(2);
    assert(first !== undefined);
    await watched.open(`/ui/replicas/${first.id}`);
    await test.step("restart", async () => {
      await press(page, "Restart", { confirm: "Restart", done: /restarted in place/ });
      const [again] = await cluster.until({
        what: "another process",
        check: (status) => {
          const found = replicasIn(status).filter(({ id, pid, ready }) =>
            id === first.id && ready && pid !== first.pid
          );
          return found.length === 1 && found;
        },
      });
      assertNotEquals(again!.pid, first.pid);
    });
    await test.step("stop", async () => {
      await press(page, "Stop", { confirm: "Stop", done: /withdrawn/ });
      await cluster.until({
        what: "another replica in its slot",
        check: (status) => {
          const replicas = replicasIn(status);
          return replicas.length === 2 && replicas.every(({ id }) => id !== first.id);
        },
      });
      await cluster.ready(2);
    });
    const node = replicasIn(await cluster.status())[0]!.node;
    await watched.open(`/ui/nodes/${node}`);
    await test.step("drain", async () => {
      await press(page, "Drain", { confirm: "Drain", done: /emptied/ });
      await cluster.until({
        what: "the node to be empty",
        check: ({ nodes }) => nodes.find(({ id }) => id === node)?.replicas === 0,
      });
    });
    await test.step("activate", async () => {
      await press(page, "Activate", { done: /takes replicas again/ });
      await page.getByRole("button", { name: "Drain", exact: true }).waitFor();
    });
    await test.step("remove", async () => {
      await press(page, "Remove", { confirm: /^Remove /, done: /forgotten/ });
      await cluster.until({ what: "the node to be gone", check: ({ nodes }) => nodes.every(({ id }) => id !== node) });
    });
  });
});

/** Waits until the service has come to that generation and stays there. */
async function settled({ cluster }: Stage, generation: number): Promise<void> {
  await cluster.untilService("web", {
    what: `generation ${generation} to be done`,
    check: ({ rollout }) => rollout?.to === generation && rollout.phase === "done",
  });
  await cluster.ready(3, { service: "web" });
}
