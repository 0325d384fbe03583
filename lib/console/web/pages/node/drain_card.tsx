/**
 * How far the emptying of a node is, and what is still in its way.
 * @module
 */
import type { NodeView } from "../../../../wire/api.ts";
import { Card } from "../../components/card.tsx";
import { By } from "../../components/by.tsx";
import { Ago } from "../../components/moment.tsx";
import { Status } from "../../components/status.tsx";
import { Prose } from "../../components/text.tsx";
import { count, moment } from "../../format.ts";

const REASONS_MAX = 8;

export function DrainCard({ node: { drain } }: { node: NodeView }) {
  if (drain === null) return null;
  const { moved, remaining, since, by, deadline_at, overdue, waiting } = drain;
  const total = moved + remaining;
  return (
    <Card
      title={remaining === 0 ? "Drained" : "Draining"}
      aside={
        <span>
          since <Ago time={since} />
          <By who={by} />
        </span>
      }
    >
      <div class="stack tight">
        <div class="progress" role="progressbar" aria-label="Moved" aria-valuenow={moved} aria-valuemax={total}>
          <i style={{ width: `${total === 0 ? 100 : 100 * moved / total}%` }} />
        </div>
        <p class="row">
          {remaining === 0
            ? <Status tone="good" word="Nothing is left: the host can be serviced" />
            : `${count(moved, "replica")} moved, ${remaining} to go`}
          {deadline_at !== null && remaining > 0 && (
            <span class="faint">{overdue ? "the deadline is over" : `until ${moment(deadline_at)} at the latest`}</span>
          )}
        </p>
        {waiting.slice(0, REASONS_MAX).map((reason) => <Prose key={reason} class="faint" text={reason} />)}
      </div>
    </Card>
  );
}
