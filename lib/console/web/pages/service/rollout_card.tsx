/**
 * A rollout, replica by replica: how far it is, what it waits for, and how the last one ended if that wasn't well.
 * @module
 */
import type { RolloutView } from "../../../../wire/change.ts";
import type { ReplicaView } from "../../../../wire/api.ts";
import { Card } from "../../components/card.tsx";
import { Ago } from "../../components/moment.tsx";
import { Mark, Status } from "../../components/status.tsx";
import { Prose } from "../../components/text.tsx";
import type { Condition, Tone } from "../../condition.ts";
import { count } from "../../format.ts";
import type { ServiceRow } from "../../live/cluster.ts";
import { hrefOf } from "../../place.ts";

const REPLICAS_SHOWN_MAX = 100;
const TITLES: Readonly<Record<RolloutView["cause"], string>> = {
  release: "Update",
  restart: "Restart",
  rollback: "Rollback",
};

/** Whether something of it is still to be said: it is under way, or it failed. */
export function isOpen(rollout: RolloutView | null): rollout is RolloutView {
  return rollout !== null && rollout.phase !== "done";
}

export function RolloutCard({ service: { rollout, desired, waiting }, replicas, conditions }: ServiceRow) {
  if (!isOpen(rollout)) return null;
  const { cause, from, to, began, reason, updated, last_words, phase } = rollout;
  const share = desired === 0 ? 100 : Math.min(100, 100 * updated / desired);
  return (
    <Card
      title={from === null ? `Start of generation ${to}` : `${TITLES[cause]} from generation ${from} to ${to}`}
      aside={
        <span>
          began <Ago time={began} />
        </span>
      }
    >
      <div class="stack tight">
        <div class="row">
          <Status {...stateOf(rollout)} />
          <span class="faint">{`${updated} of ${desired} on generation ${to}`}</span>
        </div>
        {phase !== "failed" && (
          <div class="progress" role="progressbar" aria-label="Updated" aria-valuenow={updated} aria-valuemax={desired}>
            <i style={{ width: `${share}%` }} />
          </div>
        )}
        <Prose text={waiting[0] ?? reason} />
        {last_words.length > 0 && <pre class="words"><Prose text={last_words.join("\n")} /></pre>}
        <Steps to={to} replicas={replicas} conditions={conditions} />
      </div>
    </Card>
  );
}

function stateOf({ phase, paused }: RolloutView): Condition {
  if (phase === "failed") return { tone: "bad", word: "failed" };
  if (paused) return { tone: "warn", word: "paused" };
  return { tone: "busy", word: phase === "canary" ? "trying a few first" : "under way" };
}

interface StepsProps {
  to: number;
  replicas: readonly ReplicaView[];
  conditions: readonly Condition[];
}

function Steps({ to, replicas, conditions }: StepsProps) {
  return (
    <div class="row steps">
      {replicas.slice(0, REPLICAS_SHOWN_MAX).map((replica, index) => {
        const { tone, word } = stepOf(replica, { to, condition: conditions[index] });
        return (
          <a key={replica.id} class={`tag ${tone}`} href={hrefOf("replicas", replica.id)} title={replica.reason}>
            <Mark tone={tone} /> {replica.name} <span>{word}</span>
          </a>
        );
      })}
      {replicas.length > REPLICAS_SHOWN_MAX && (
        <span class="faint">and {count(replicas.length - REPLICAS_SHOWN_MAX, "more", "more")}</span>
      )}
    </div>
  );
}

/** Of the former generation it stays as it is for now. */
function stepOf(
  { generation, phase }: ReplicaView,
  { to, condition }: { to: number; condition: Condition | undefined },
): { tone: Tone; word: string } {
  if (generation === to) return condition ?? { tone: "busy", word: phase };
  return { tone: "idle", word: phase === "running" ? `still ${generation}` : phase };
}
