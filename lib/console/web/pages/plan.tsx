/**
 * What specs would change, before they do: pasted or taken from files, they are shown to the controller, which says field
 * by field what would be another, and step by step what it would do and why. Then they may be applied.
 * @module
 */
import { signal, useSignal } from "@preact/signals";
import type { Planned } from "../../../wire/change.ts";
import { ApiRefusal, Unreachable } from "../../../wire/client/problem_error.ts";
import type { Problem } from "../../../wire/problem.ts";
import { client } from "../api.ts";
import { Action } from "../components/action.tsx";
import { PageHead } from "../components/card.tsx";
import { CommandHint } from "../components/command_hint.tsx";
import { Prose } from "../components/text.tsx";
import { tell } from "../components/toast.tsx";
import { bytes, count } from "../format.ts";
import { PlanView } from "./plan_view.tsx";

const EXAMPLE = `name: web
command: [payload, --greeting, Hello]
replicas: 3
health: { http: /readyz }
`;
const PLAN_MS = 60_000;
const ROWS_MIN = 8;
const ROWS_MAX = 24;
const FILE_BYTES_MAX = 1_048_576;

/** What is written here outlasts a look at another page. */
const draft = signal("");

type Outcome =
  | { kind: "none" }
  | { kind: "planning" }
  | { kind: "refused"; problem: Pick<Problem, "detail" | "errors"> }
  /** With the very text that was planned. */
  | { kind: "planned"; plan: Planned; text: string };

export function PlanPage() {
  const outcome = useSignal<Outcome>({ kind: "none" });
  const makePlan = async () => {
    const text = draft.value;
    outcome.value = { kind: "planning" };
    const planned = await plan(text);
    // Of what was changed meanwhile it says nothing.
    outcome.value = draft.peek() === text ? planned : { kind: "none" };
  };
  const { kind } = outcome.value;
  return (
    <>
      <PageHead title="Plan" about="What a spec would change, before it does. Nothing happens until you apply it.">
        <CommandHint command="controller plan -f web.yaml" />
      </PageHead>
      <Editor
        busy={kind === "planning"}
        onPlan={makePlan}
        onChange={() => kind !== "planning" && (outcome.value = { kind: "none" })}
      />
      <div class="outcome" aria-live="polite">
        {outcome.value.kind === "refused" && <Refusal problem={outcome.value.problem} />}
        {outcome.value.kind === "planned" && (
          <>
            <Apply {...outcome.value} onApplied={() => outcome.value = { kind: "none" }} />
            <PlanView plan={outcome.value.plan} />
          </>
        )}
      </div>
    </>
  );
}

interface EditorProps {
  busy: boolean;
  onPlan: () => void;
  onChange: () => void;
}

function Editor({ busy, onPlan, onChange }: EditorProps) {
  const write = (text: string) => {
    draft.value = text;
    onChange();
  };
  const take = async (field: HTMLInputElement) => {
    const files = [...field.files ?? []];
    // So that the same file can be taken again, as it is by then.
    field.value = "";
    const large = files.find(({ size }) => size > FILE_BYTES_MAX);
    if (large === undefined) return write(await textOf(files));
    tell({
      tone: "bad",
      text: `Cannot take ${large.name}: it has ${bytes(large.size)}, and ${bytes(FILE_BYTES_MAX)} is the most`,
    });
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (!busy && draft.value.trim() !== "") onPlan();
  };
  return (
    <form class="card editor" onSubmit={submit}>
      <label>
        Specs, as YAML or JSON
        <textarea
          rows={rowsFor(draft.value)}
          spellcheck={false}
          placeholder={EXAMPLE}
          value={draft.value}
          onInput={(event) => write(event.currentTarget.value)}
        />
      </label>
      <div class="buttons">
        <label class="file">
          From files
          <input
            type="file"
            multiple
            accept=".yaml,.yml,.json"
            onChange={(event) => take(event.currentTarget)}
          />
        </label>
        {draft.value === "" && <button type="button" class="quiet" onClick={() => write(EXAMPLE)}>An example</button>}
        <button type="submit" class="primary" aria-disabled={busy || draft.value.trim() === ""}>
          {busy ? "Planning …" : "Plan"}
        </button>
      </div>
    </form>
  );
}

function Apply({ plan, text, onApplied }: { plan: Planned; text: string; onApplied: () => void }) {
  const changed = plan.services.filter(({ outcome }) => outcome !== "unchanged");
  const only = plan.services.length === 1 ? plan.services[0]?.name : undefined;
  return (
    <div class="card buttons apply">
      <strong>{`${count(changed.length, "service")} would change, in ${count(plan.actions.length, "step")}`}</strong>
      <Action
        label="Apply"
        tone="primary"
        command="controller apply -f web.yaml"
        done={`Applied: ${count(changed.length, "service")} changed`}
        {...only !== undefined && { service: only }}
        unavailable={changed.length === 0 ? "nothing would change" : undefined}
        ask={{
          title: `Apply the change of ${count(changed.length, "service")}?`,
          confirm: "Apply",
          body: <Summary plan={plan} />,
        }}
        run={async (options) => {
          await client.apply({ body: text }, options);
          onApplied();
        }}
      />
    </div>
  );
}

function Summary({ plan: { services, actions, waits, complete } }: { plan: Planned }) {
  const kinds = Map.groupBy(actions, ({ kind }) => kind);
  const steps = [...kinds].map(([kind, { length }]) => `${length} × ${kind}`).join(", ");
  return (
    <>
      <ul>
        {services.map(({ name, outcome }) => (
          <li key={name}>
            <Prose text={name} />: {outcome}
          </li>
        ))}
      </ul>
      <p>{steps === "" ? "No replica is started or stopped." : `Steps: ${steps}.`}</p>
      {!complete && (
        <p>
          {waits.some(({ kind }) => kind === "blocked")
            ? "Not all that is wanted could run"
            : "It would not be done then"}
          : see what is waited for.
        </p>
      )}
    </>
  );
}

function Refusal({ problem: { detail, errors = [] } }: { problem: Pick<Problem, "detail" | "errors"> }) {
  return (
    <div class="card refusal" role="alert">
      <p>
        <Prose text={detail} />
      </p>
      <ul>
        {errors.map(({ pointer, detail, line, column }) => (
          <li key={`${pointer}${line}${detail}`}>
            {line !== undefined && <span class="faint">{`line ${line}, column ${column ?? 1}: `}</span>}
            <Prose text={detail} />
          </li>
        ))}
      </ul>
    </div>
  );
}

async function plan(text: string): Promise<Outcome> {
  try {
    const options = { signal: new AbortController().signal, answerMs: PLAN_MS };
    return { kind: "planned", plan: await client.plan({ body: text }, options), text };
  } catch (error) {
    if (error instanceof ApiRefusal) return { kind: "refused", problem: error.problem };
    if (error instanceof Unreachable) return { kind: "refused", problem: { detail: error.message } };
    throw error;
  }
}

/** As many as it takes, so that the plan below is seen. */
function rowsFor(text: string): number {
  return Math.min(ROWS_MAX, Math.max(ROWS_MIN, text.split("\n").length + 1));
}

/** Several files are several documents. */
async function textOf(files: readonly File[]): Promise<string> {
  const texts = await Promise.all(files.map((file) => file.text()));
  return texts.join("\n---\n");
}
