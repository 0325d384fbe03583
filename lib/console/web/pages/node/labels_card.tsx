/**
 * A node's labels: where it stands (region, zone, rack), and what else services may ask for. They can be changed here.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { NodeView } from "../../../../wire/api.ts";
import { client } from "../../api.ts";
import { Action } from "../../components/action.tsx";
import { Card } from "../../components/card.tsx";
import { Field, typed } from "../../components/field.tsx";
import { Name } from "../../components/text.tsx";
import { labelChanges, labelsCommand, labelsText } from "../../labels.ts";

/** From the widest to the narrowest. */
const TOPOLOGY = ["region", "zone", "rack"] as const;

export function LabelsCard({ node }: { node: NodeView }) {
  const labels = Object.entries(node.labels).toSorted(([a], [b]) => a < b ? -1 : 1);
  const way = TOPOLOGY.flatMap((key) => node.labels[key] ?? []);
  return (
    <Card title="Labels" aside={<Edit node={node} />}>
      <div class="stack tight">
        {way.length > 0 && (
          <p class="faint">
            <Name text={[...way, node.name].join(" › ")} />
          </p>
        )}
        {labels.length === 0
          ? <p class="faint">None. With labels services can choose where they run.</p>
          : (
            <div class="row">
              {labels.map(([key, value]) => (
                <span class="tag" key={key}>
                  <Name text={`${key}=${value}`} />
                </span>
              ))}
            </div>
          )}
      </div>
    </Card>
  );
}

function Edit({ node: { id, name, labels } }: { node: NodeView }) {
  const text = useSignal("");
  const changes = labelChanges(labels, text.value);
  const isFaulty = changes.kind === "faulty";
  const body = (
    <Field
      label="One in each line, as key=value"
      about={isFaulty ? changes.reason : "They are yours from then on, whatever the agent's own flags say."}
    >
      <textarea class="code" rows={8} spellcheck={false} autofocus {...typed(text)} />
    </Field>
  );
  return (
    <Action
      label="Edit"
      tone="quiet"
      command={labelsCommand(name, isFaulty ? {} : changes.labels)}
      done={`the labels of ${name} are changed`}
      onOpen={() => text.value = labelsText(labels)}
      ask={{
        title: `Labels of ${name}`,
        confirm: "Save",
        body,
        incomplete: isFaulty || Object.keys(changes.labels).length === 0,
      }}
      run={(options) => client.patchNode({ id, body: { labels: isFaulty ? {} : changes.labels } }, options)}
    />
  );
}
