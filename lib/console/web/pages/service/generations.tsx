/**
 * What a service was, the newest first: who changed what and when, the difference to the present, and the way back.
 * @module
 */
import type { ServiceView } from "../../../../wire/api.ts";
import type { GenerationView } from "../../../../wire/change.ts";
import { client } from "../../api.ts";
import { Action } from "../../components/action.tsx";
import { By } from "../../components/by.tsx";
import { Card } from "../../components/card.tsx";
import { Loading } from "../../components/empty.tsx";
import { Ago } from "../../components/moment.tsx";
import { Refusal } from "../../components/refusal.tsx";
import { Prose } from "../../components/text.tsx";
import { diffOf } from "../../diff.ts";
import { usePolled } from "../../live/polling.ts";
import { DiffTable } from "./diff_table.tsx";

const AGAIN_MS = 30_000;
const SHOWN = 50;

export function Generations({ service }: { service: ServiceView }) {
  const { name, generation, revision } = service;
  const history = usePolled(
    (signal) => client.listGenerations({ name, query: { limit: SHOWN } }, { signal }),
    { everyMs: AGAIN_MS, key: `${name} ${generation} ${revision}` },
  );
  const { answer, refusal } = history.value;
  if (refusal !== undefined) return <Refusal text={refusal} />;
  if (answer === undefined) return <Loading rows={4} />;
  const present = answer.items.find((one) => one.present);
  return (
    <div class="stack">
      {answer.items.map((one, index) => (
        <Generation
          key={one.generation}
          one={one}
          before={answer.items[index + 1]}
          present={present}
          service={service}
        />
      ))}
      {answer.next_cursor !== null && <p class="faint">{`Older ones: controller history ${name}`}</p>}
    </div>
  );
}

interface GenerationProps {
  one: GenerationView;
  before: GenerationView | undefined;
  present: GenerationView | undefined;
  service: ServiceView;
}

function Generation({ one, before, present, service }: GenerationProps) {
  const { generation, at, by, changes } = one;
  return (
    <Card
      title={
        <span class="row">
          {`Generation ${generation}`}
          <Tags one={one} />
        </span>
      }
      aside={one.present ? undefined : <Back one={one} service={service} />}
    >
      <div class="stack tight">
        <p class="faint">
          {at === null ? "made by an older version of Muster" : <Ago time={at} />}
          <By who={by} />
          {changes.length > 0 && <Prose text={` · changed ${changes.join(", ")}`} />}
        </p>
        {before !== undefined && changes.length > 0 && <DiffTable differences={diffOf(before.spec, one.spec)} />}
        {present !== undefined && !one.present && (
          <details>
            <summary class="faint">{`What going back from generation ${present.generation} would change`}</summary>
            <DiffTable differences={wayBack(present, one)} />
          </details>
        )}
      </div>
    </Card>
  );
}

function Tags({ one: { present, failed, cause } }: { one: GenerationView }) {
  return (
    <>
      {present && <span class="tag good">present</span>}
      {failed && <span class="tag bad">failed</span>}
      {cause !== "release" && <span class="tag">{cause}</span>}
    </>
  );
}

function Back({ one: { generation }, service: { name, revision, removed } }: Pick<GenerationProps, "one" | "service">) {
  return (
    <Action
      service={name}
      label={`Roll back to ${generation}`}
      command={`controller rollback ${name} --to ${generation}`}
      done={`${name} goes back to generation ${generation}`}
      unavailable={removed ? "it is being removed" : undefined}
      ask={{
        title: `Roll ${name} back to generation ${generation}?`,
        confirm: "Roll back",
        body: <p>{`Its spec comes back as a new generation; the scale stays as it is.`}</p>,
      }}
      run={(options) => client.rollbackService({ name, ifMatch: revision, body: { generation } }, options)}
    />
  );
}

/** The scale stays, so it is no part of the way. */
function wayBack(present: GenerationView, one: GenerationView) {
  return diffOf(present.spec, one.spec).filter(({ path }) => path !== "replicas");
}
