import { assertEquals } from "@std/assert";
import { stepsOf } from "../../../lib/console/render/plan_steps.ts";
import { PlannedAction } from "../../../lib/wire/change.ts";

/** `start web.0 of 2 on alpha`. */
function action(text: string): PlannedAction {
  const [kind = "", subject = "", , generation, , node] = text.split(" ");
  const [service = "", slot] = subject.split(".");
  const at = node === undefined ? null : node;
  return PlannedAction.parse({
    ...{ kind, service, generation: Number(generation), node: at, node_name: at },
    slot: slot === undefined ? null : Number(slot),
    reason: `because of ${kind}`,
  });
}

function told(...actions: readonly string[]): string[] {
  return stepsOf(actions.map(action)).map(({ verb, subject, where, reason }) =>
    `${verb} ${subject} ${where}: ${reason}`
  );
}

Deno.test("stepsOf() makes one step of a start and a stop in one slot, in either order", () => {
  assertEquals(
    told(
      "start web.0 of 2 on alpha",
      "start web.1 of 2 on beta",
      "stop web.0 of 1 on alpha",
      "forget web.0 of 1 on alpha",
      "stop web.1 of 1 on alpha",
      "forget web.1 of 1 on alpha",
    ),
    ["replace web.0 alpha: because of start", "replace web.1 alpha → beta: because of start"],
  );
  assertEquals(told("stop web.0 of 1 on alpha", "forget web.0 of 1 on alpha", "start web.0 of 1 on beta"), [
    "move web.0 alpha → beta: because of start",
  ]);
});

Deno.test("stepsOf() leaves what begins or ends for good as it is, and two updates of a slot as two", () => {
  assertEquals(told("start web.0 of 1 on alpha", "stop web.3 of 1 on beta", "forget web.3 of 1 on beta"), [
    "start web.0 alpha: because of start",
    "stop web.3 beta: because of stop",
  ]);
  assertEquals(
    told(
      "start a.0 of 2 on n",
      "stop a.0 of 1 on n",
      "forget a.0 of 1 on n",
      "start a.0 of 3 on n",
      "stop a.0 of 2 on n",
    )
      .length,
    2,
  );
  assertEquals(told("forget web.0 of 1 on lost", "start web.0 of 1 on alpha"), [
    "move web.0 lost → alpha: because of start",
  ]);
});

Deno.test("stepsOf() tells what happens to a service, but not that its rollout is over", () => {
  assertEquals(told("promote web of 2", "finish_rollout web of 2", "drop_service db of 1"), [
    "promote web : because of promote",
    "remove db : because of drop_service",
  ]);
});
