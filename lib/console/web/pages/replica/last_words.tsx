/**
 * How a replica's process ended, and the last lines that it wrote: what one wants to know of a crash.
 * @module
 */
import type { ReplicaView } from "../../../../wire/api.ts";
import { client } from "../../api.ts";
import { Card } from "../../components/card.tsx";
import { Ago } from "../../components/moment.tsx";
import { Prose } from "../../components/text.tsx";
import { usePolled } from "../../live/polling.ts";

const LINES = 15;
const AGAIN_MS = 60_000;

export function LastWords({ replica: { id, exit, restarts, crashes, ready } }: { replica: ReplicaView }) {
  if (exit === null || (ready && crashes === 0)) return null;
  return (
    <Card title="Last words" aside={<Ago time={exit.at} />}>
      <div class="stack tight">
        <p>
          {exit.signal !== null
            ? `Its process was ended by ${exit.signal}.`
            : `Its process exited with code ${exit.code}.`}
        </p>
        {!ready && <Words id={id} ending={`${exit.at} ${restarts}`} />}
      </div>
    </Card>
  );
}

function Words({ id, ending }: { id: string; ending: string }) {
  const words = usePolled(async (signal) => {
    const lines: string[] = [];
    for await (const { line } of client.readReplicaLogs({ id, query: { tail: LINES } }, { signal })) lines.push(line);
    return lines;
  }, { everyMs: AGAIN_MS, key: `${id} ${ending}` });
  const { answer } = words.value;
  if (answer === undefined || answer.length === 0) return null;
  return <pre class="words"><Prose text={answer.join("\n")} /></pre>;
}
