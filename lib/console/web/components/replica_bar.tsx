/**
 * The states of a service's replicas at a glance: a piece for each of a few, and shares of one bar for many. What it
 * shows stands beside it in words, and is read out.
 * @module
 */
import { type Condition, tally } from "../condition.ts";

const PIECES_MAX = 24;

export function ReplicaBar({ conditions, desired }: { conditions: readonly Condition[]; desired: number }) {
  const parts = tally(conditions);
  const missing = Math.max(0, desired - conditions.length);
  const words = [...parts.map(({ count, word }) => `${count} ${word}`), ...missing > 0 ? [`${missing} to come`] : []];
  const label = words.length === 0 ? "no replicas wanted" : words.join(", ");
  return (
    <span class="bar" role="img" aria-label={label} title={label}>
      {conditions.length + missing > PIECES_MAX
        ? [
          ...parts.map(({ tone, word, count }) => <i key={word} class={tone} style={{ flexGrow: count }} />),
          missing > 0 && <i key="missing" class="missing" style={{ flexGrow: missing }} />,
        ]
        : [
          ...parts.flatMap(({ tone, word, count }) =>
            Array.from({ length: count }, (_, index) => <i key={`${word}${index}`} class={`piece ${tone}`} />)
          ),
          ...Array.from({ length: missing }, (_, index) => <i key={`missing${index}`} class="piece missing" />),
        ]}
    </span>
  );
}
