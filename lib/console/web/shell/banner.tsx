/**
 * What concerns every page: that the controller can't be reached, and what is shown is how it was; and that the cluster
 * holds its decisions up.
 * @module
 */
import { Mark } from "../components/status.tsx";
import { Prose } from "../components/text.tsx";
import { lasting } from "../format.ts";
import { aheadMs, nowMs } from "../live/clock.ts";
import { cluster, connection } from "../live/cluster.ts";

export function Banners() {
  return (
    <div class="banners" role="status" aria-live="polite">
      <LostBanner />
      <HeldUpBanner />
    </div>
  );
}

function LostBanner() {
  const now = connection.value;
  if (now.state !== "lost") return null;
  return (
    <div class="banner bad">
      <Mark tone="bad" />
      <div>
        <strong>The connection to the controller is lost.</strong> <LostFor sinceMs={now.sinceMs} />{" "}
        Services go on without it; this page recovers by itself.{" "}
        <span class="faint">
          <Prose text={now.reason} />
        </span>
      </div>
    </div>
  );
}

/** By itself, so that what is read out doesn't change each second. */
function LostFor({ sinceMs }: { sinceMs: number }) {
  return <span aria-hidden="true">{`What you see is ${lasting(nowMs.value - aheadMs.value - sinceMs)} old.`}</span>;
}

function HeldUpBanner() {
  const reason = cluster.value?.held_up;
  if (reason === null || reason === undefined) return null;
  return (
    <div class="banner warn">
      <Mark tone="warn" />
      <div>
        <strong>Decisions are held up.</strong> <Prose text={reason} />
      </div>
    </div>
  );
}
