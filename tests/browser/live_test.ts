/**
 * The page as the cluster moves: a killed process shows, and a controller that is away is said and comes back. How long
 * it took is printed; it is waited for, and no time is asserted.
 * @module
 */
import { assertEquals } from "@std/assert";
import { replicasIn } from "../support/cluster.ts";
import { untilTrue } from "./hands.ts";
import { browsing, onStage } from "./stage.ts";

/** What a browser says on its console when nobody answers. */
const AWAY = /Failed to load resource: net::ERR_/;

Deno.test("a replica that is killed shows in the page, and that it came back", browsing, async () => {
  await onStage({}, async ({ cluster, page, watched, picture }) => {
    await cluster.scale(3);
    const [victim] = await cluster.ready(3);
    await watched.open(`/ui/replicas/${victim!.id}`);
    await page.getByText(String(victim!.pid), { exact: false }).first().waitFor();
    const killedMs = performance.now();
    Deno.kill(victim!.pid!, "SIGKILL");
    await page.getByText(/SIGKILL|signal 9|killed/i).first().waitFor();
    console.log(`killed → seen in the page: ${Math.round(performance.now() - killedMs)} ms`);
    const [again] = await cluster.until({
      what: "another process",
      check: (status) => {
        const found = replicasIn(status).filter(({ id, ready, pid }) =>
          id === victim!.id && ready && pid !== victim!.pid
        );
        return found.length === 1 && found;
      },
    });
    await page.getByText(String(again!.pid)).first().waitFor();
    console.log(`killed → its new process in the page: ${Math.round(performance.now() - killedMs)} ms`);
    await picture("killed");
  });
});

Deno.test("an event reaches an open page", browsing, async () => {
  await onStage({}, async ({ cluster, page, watched }) => {
    await watched.open("/ui/events");
    await page.getByText("Live", { exact: true }).waitFor();
    const askedMs = performance.now();
    await cluster.scale(1);
    await page.getByText("payload is scaled from 0 to 1").waitFor();
    console.log(`a scale → its event in the page: ${Math.round(performance.now() - askedMs)} ms`);
  });
});

Deno.test(
  "a controller that is killed is said to be away, and the page goes on when it is back",
  browsing,
  async () => {
    await onStage({ expected: AWAY }, async ({ cluster, page, watched, picture }) => {
      await cluster.scale(1);
      await cluster.ready(1);
      await watched.open("/ui/services/payload");
      await page.getByText("Live", { exact: true }).waitFor();
      const killedMs = performance.now();
      await cluster.controller.stop("SIGKILL");
      await page.getByText("The connection to the controller is lost.").waitFor();
      console.log(`controller killed → said: ${Math.round(performance.now() - killedMs)} ms`);
      await picture("lost");
      await cluster.restartController();
      const backMs = performance.now();
      await page.getByText("Live", { exact: true }).waitFor();
      await page.getByText("The connection to the controller is lost.").waitFor({ state: "detached" });
      console.log(`controller back → live: ${Math.round(performance.now() - backMs)} ms`);
      await cluster.scale(2);
      await page.getByText("payload is scaled from 1 to 2").or(page.getByText("payload.1")).first().waitFor();
    });
  },
);

Deno.test("a controller that is frozen is noticed, and the page goes on when it thaws", browsing, async () => {
  await onStage({ expected: AWAY }, async ({ cluster, page, watched }) => {
    await watched.open("/ui");
    await page.getByText("Live", { exact: true }).waitFor();
    cluster.controller.kill("SIGSTOP");
    try {
      const frozenMs = performance.now();
      await page.getByText("The connection to the controller is lost.").waitFor({ timeout: 40_000 });
      console.log(`controller frozen → said: ${Math.round(performance.now() - frozenMs)} ms`);
    } finally {
      cluster.controller.kill("SIGCONT");
    }
    const thawedMs = performance.now();
    await page.getByText("Live", { exact: true }).waitFor({ timeout: 40_000 });
    console.log(`controller thawed → live: ${Math.round(performance.now() - thawedMs)} ms`);
  });
});

Deno.test(
  "lines of a log appear as they are printed, are found, and stand still while they are read",
  browsing,
  async () => {
    await onStage({}, async ({ cluster, page, watched, picture }) => {
      const loop = 'n=0; while :; do n=$((n+1)); echo "line $n <b>"; sleep 0.1; done';
      await cluster.putService("talker", { command: ["sh", "-c", loop], replicas: 2 });
      await watched.open("/ui/services/talker?tab=logs");
      const log = page.getByRole("log");
      await log.getByText(/^line \d+ <b>$/).first().waitFor();
      await log.getByText("talker.0").first().waitFor();
      await log.getByText("talker.1").first().waitFor();
      await page.getByRole("searchbox").fill("line 12");
      await untilTrue(
        page,
        `[...document.querySelectorAll(".log-text")].every((line) => line.textContent.startsWith("line 12"))
        && document.querySelectorAll(".log-text").length > 0`,
      );
      await picture("log");
      await page.getByRole("searchbox").fill("");
      await page.getByRole("button", { name: "Pause", exact: true }).click();
      const held = await log.innerText();
      await page.getByRole("button", { name: /^Resume \(\d+ new\)$/ }).waitFor();
      assertEquals(await log.innerText(), held);
      await page.getByRole("button", { name: /^Resume/ }).click();
      await untilTrue(page, `document.querySelector("[role=log]").innerText !== ${JSON.stringify(held)}`);
    });
  },
);
