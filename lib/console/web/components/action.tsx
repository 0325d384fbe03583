/**
 * A button that changes the cluster. Every one of them says which command does the same, asks first where something
 * could be lost, shows what the controller says against it, and says why when whoever looks isn't allowed to.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Role } from "../../../cluster/token.ts";
import { denial } from "../api.ts";
import { connection } from "../live/cluster.ts";
import { Dialog } from "./dialog.tsx";
import { orTell, tell } from "./toast.tsx";

/** What is asked before it is done. */
export interface Question {
  title: string;
  confirm: string;
  body?: ComponentChildren;
  destructive?: boolean;
  incomplete?: boolean;
}

export interface ActionProps {
  label: string;
  /** What does the same in a terminal. */
  command: string;
  run: (options: { signal: AbortSignal }) => Promise<unknown>;
  /** What is said when it is done. */
  done: string;
  /** Left out: it is done at once. */
  ask?: Question;
  /** Unless said, operator. */
  needs?: Role;
  /** The service that it is about, if it is about one. */
  service?: string;
  /** Why it can't be done as things are. */
  unavailable?: string | undefined;
  tone?: "primary" | "danger" | "quiet" | "plain";
  onOpen?: () => void;
}

export function Action({ label, command, run, done, ask, tone, onOpen, ...rules }: ActionProps) {
  const open = useSignal(false);
  const busy = useSignal(false);
  const against = obstacle(rules);
  const perform = async () => {
    await run({ signal: new AbortController().signal });
    tell({ tone: "good", text: done, command });
  };
  const press = async () => {
    if (busy.value) return;
    // It can be pressed all the same: on a touch screen nothing else would say why not.
    if (against !== undefined) return tell({ tone: "warn", text: `${label}: ${against}` });
    if (ask !== undefined) {
      onOpen?.();
      open.value = true;
      return;
    }
    busy.value = true;
    await orTell(perform);
    busy.value = false;
  };
  return (
    <>
      <button
        type="button"
        class={tone ?? ""}
        aria-disabled={against !== undefined || busy.value}
        title={against ?? command}
        onClick={press}
      >
        {label}
      </button>
      {ask !== undefined && open.value && (
        <Dialog
          {...ask}
          command={command}
          run={perform}
          onClose={() => open.value = false}
        >
          {ask.body}
        </Dialog>
      )}
    </>
  );
}

/** Why the button doesn't work, if so. */
function obstacle(
  { needs = "operator", service, unavailable }: Pick<ActionProps, "needs" | "service" | "unavailable">,
) {
  return denial(needs, service) ?? unavailable ??
    (connection.value.state === "lost" ? "the controller can't be reached" : undefined);
}
