/**
 * What can be done with a service: scale it, restart it, go back, steer its rollout, remove it.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { ServiceView } from "../../../../wire/api.ts";
import { client } from "../../api.ts";
import { Action } from "../../components/action.tsx";
import { Field } from "../../components/field.tsx";
import { count } from "../../format.ts";

/** As the contract has it. */
const REPLICAS_MAX = 10_000;
const STOPPING = " At 0 all of it stops; the service stays declared.";

export function ServiceActions({ service }: { service: ServiceView }) {
  const { name, removed, revision, generation, desired } = service;
  const unavailable = removed ? "it is being removed" : undefined;
  const rules = { service: name, unavailable };
  return (
    <>
      <Steering service={service} />
      <Scale service={service} />
      <Action
        {...rules}
        label="Restart"
        command={`controller restart ${name}`}
        done={`${name} gets new processes, one by one`}
        unavailable={unavailable ?? (desired === 0 ? "it has no replicas" : undefined)}
        ask={{
          title: `Restart ${name}?`,
          confirm: "Restart",
          body: <p>{`New processes take over from ${count(desired, "replica")}, as in an update.`}</p>,
        }}
        run={(options) => client.restartService({ name, ifMatch: revision }, options)}
      />
      <Action
        {...rules}
        label="Roll back"
        command={`controller rollback ${name}`}
        done={`${name} goes back to what it was before`}
        unavailable={unavailable ?? (generation === 1 ? "there is no generation before this one" : undefined)}
        ask={{
          title: `Roll ${name} back?`,
          confirm: "Roll back",
          body: <p>The last generation that was good comes back, as a new one. The scale stays as it is.</p>,
        }}
        run={(options) => client.rollbackService({ name, ifMatch: revision, body: {} }, options)}
      />
      <Action
        {...rules}
        label="Remove"
        tone="danger"
        command={`controller rm ${name}`}
        done={`${name} is being removed`}
        ask={{
          title: `Remove ${name}?`,
          confirm: `Remove ${name}`,
          destructive: true,
          body: <p>{`${count(desired, "replica")} will be stopped. Its history goes with it.`}</p>,
        }}
        run={(options) => client.deleteService({ name, ifMatch: revision }, options)}
      />
    </>
  );
}

/** Its number is the operator's, so that nothing of what they may have overlooked stands against it. */
function Scale({ service: { name, desired, removed, rollout } }: { service: ServiceView }) {
  const wanted = useSignal(desired);
  const step = (by: number) => wanted.value = Math.min(REPLICAS_MAX, Math.max(0, (wanted.value || 0) + by));
  const body = (
    <Field label="Replicas" about={`Now it is ${desired}.${wanted.value === 0 ? STOPPING : ""}`}>
      <span class="stepper">
        <button type="button" aria-label="One less" onClick={() => step(-1)}>−</button>
        <input
          type="number"
          min="0"
          max={REPLICAS_MAX}
          step="1"
          required
          autofocus
          value={wanted.value}
          onInput={(event) => wanted.value = event.currentTarget.valueAsNumber}
        />
        <button type="button" aria-label="One more" onClick={() => step(1)}>+</button>
      </span>
    </Field>
  );
  return (
    <Action
      service={name}
      label="Scale"
      tone={rollout === null || rollout.phase === "done" ? "primary" : "plain"}
      command={`controller scale ${name}=${Number.isNaN(wanted.value) ? "" : wanted.value}`}
      done={`${name} is to have ${count(wanted.value, "replica")}`}
      unavailable={removed ? "it is being removed" : undefined}
      onOpen={() => wanted.value = desired}
      ask={{ title: `Scale ${name}`, confirm: "Scale", body, incomplete: Number.isNaN(wanted.value) }}
      run={(options) => client.scaleService({ name, body: { replicas: wanted.value } }, options)}
    />
  );
}

/** While a rollout is under way. */
function Steering({ service: { name, rollout, revision, removed } }: { service: ServiceView }) {
  if (removed || rollout === null || (rollout.phase !== "canary" && rollout.phase !== "rolling")) return null;
  return (
    <>
      {rollout.phase === "canary" && (
        <Action
          service={name}
          label="Promote"
          tone="primary"
          command={`controller promote ${name}`}
          done={`generation ${rollout.to} of ${name} takes over`}
          ask={{
            title: `Let generation ${rollout.to} of ${name} take over?`,
            confirm: "Promote",
            body: <p>What is tried now replaces the rest.</p>,
          }}
          run={(options) => client.promoteService({ name, ifMatch: revision }, options)}
        />
      )}
      {rollout.paused
        ? (
          <Action
            service={name}
            label="Resume"
            tone="primary"
            command={`controller resume ${name}`}
            done={`the update of ${name} goes on`}
            run={(options) => client.resumeService({ name }, options)}
          />
        )
        : (
          <Action
            service={name}
            label="Pause"
            command={`controller pause ${name}`}
            done={`the update of ${name} is held where it is`}
            run={(options) => client.pauseService({ name }, options)}
          />
        )}
    </>
  );
}
