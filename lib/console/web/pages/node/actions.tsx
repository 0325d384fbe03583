/**
 * What can be done with a node: empty it, use it again, forget it.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { NodeView } from "../../../../wire/api.ts";
import { client } from "../../api.ts";
import { Action } from "../../components/action.tsx";
import { Field, typed } from "../../components/field.tsx";
import { count } from "../../format.ts";
import { shellWord } from "../../shell_word.ts";

export function NodeActions({ node }: { node: NodeView }) {
  const { id, name, draining } = node;
  return (
    <>
      {draining
        ? (
          <Action
            label="Activate"
            tone="primary"
            command={`controller node activate ${shellWord(name)}`}
            done={`${name} takes replicas again`}
            run={(options) => client.activateNode({ id }, options)}
          />
        )
        : <Drain node={node} />}
      <Remove node={node} />
    </>
  );
}

function Drain({ node: { id, name, replicas } }: { node: NodeView }) {
  const deadline = useSignal("");
  const within = deadline.value.trim();
  return (
    <Action
      label="Drain"
      command={`controller node drain ${shellWord(name)}${within === "" ? "" : ` --deadline ${shellWord(within)}`}`}
      done={`${name} is emptied`}
      onOpen={() => deadline.value = ""}
      ask={{
        title: `Drain ${name}?`,
        confirm: "Drain",
        body: (
          <>
            <p>
              {`${count(replicas, "replica")} will move elsewhere, each only when its successor is ready. `}
              Nothing new is placed here until it is activated.
            </p>
            <Field label="Deadline" about="Such as 10m: what can't be moved by then is stopped.">
              <input placeholder="as long as it takes" {...typed(deadline)} />
            </Field>
          </>
        ),
      }}
      run={(options) => client.drainNode({ id, body: within === "" ? {} : { deadline: within } }, options)}
    />
  );
}

/** The controller refuses it while replicas run there; that it shall go all the same is said on purpose. */
function Remove({ node: { id, name, replicas } }: { node: NodeView }) {
  const force = useSignal(false);
  return (
    <Action
      label="Remove"
      tone="danger"
      command={`controller node rm ${shellWord(name)}${force.value ? " --force" : ""}`}
      done={`${name} is forgotten`}
      onOpen={() => force.value = false}
      ask={{
        title: `Remove ${name}?`,
        confirm: `Remove ${name}`,
        destructive: true,
        body: (
          <>
            <p>The cluster forgets this node. An agent that still runs there makes itself known again.</p>
            {replicas > 0 && (
              <label class="check">
                <input
                  type="checkbox"
                  checked={force.value}
                  onChange={(event) => force.value = event.currentTarget.checked}
                />
                {`Also while it carries ${count(replicas, "replica")}: they are placed elsewhere at once`}
              </label>
            )}
          </>
        ),
      }}
      run={(options) => client.deleteNode({ id, query: { force: force.value || undefined } }, options)}
    />
  );
}
