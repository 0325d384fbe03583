/**
 * A question over the page, in the browser's own `<dialog>`: it keeps the focus, closes with Escape, and gives the focus
 * back. It says what will happen, shows the command that does the same, and says why when the controller refuses.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { refusalIn } from "../api.ts";
import { CommandHint } from "./command_hint.tsx";
import { Refusal } from "./refusal.tsx";
import { Prose } from "./text.tsx";
import { tell } from "./toast.tsx";

export interface DialogProps {
  title: string;
  children?: ComponentChildren;
  /** The button's word. */
  confirm: string;
  command?: string | undefined;
  /** Something is lost by it that doesn't come back by itself. */
  destructive?: boolean;
  /** As long as it can't be confirmed. */
  incomplete?: boolean;
  run: () => Promise<void>;
  onClose: () => void;
}

export function Dialog({ title, children, confirm, command, destructive, incomplete, run, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  const { busy, refusal, submit } = useSubmit(run, dialog);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onClose={onClose}
      // Pressed beside it; who lets go there has but selected text within.
      onMouseDown={(event) => event.target === dialog.current && dialog.current?.close()}
    >
      <form onSubmit={submit}>
        <h2 id={heading}>
          <Prose text={title} />
        </h2>
        <div class="dialog-body">{children}</div>
        <Refusal text={refusal.value} />
        {command !== undefined && <CommandHint command={command} />}
        <div class="buttons">
          <button type="button" autofocus={destructive} onClick={() => dialog.current?.close()}>Cancel</button>
          <button
            type="submit"
            autofocus={!destructive}
            class={destructive ? "danger" : "primary"}
            disabled={busy.value || incomplete}
          >
            {confirm}
          </button>
        </div>
      </form>
    </dialog>
  );
}

/** Runs what was confirmed once at a time; a refusal is shown, and all may be changed and tried again. */
function useSubmit(run: () => Promise<void>, dialog: { readonly current: HTMLDialogElement | null }) {
  const busy = useSignal(false);
  const refusal = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    refusal.value = "";
    try {
      await run();
      dialog.current?.close();
    } catch (error) {
      const text = refusalIn(error);
      // Who has closed it meanwhile is told all the same.
      if (dialog.current?.open) refusal.value = text;
      else tell({ tone: "bad", text });
    } finally {
      busy.value = false;
    }
  };
  return { busy, refusal, submit };
}
