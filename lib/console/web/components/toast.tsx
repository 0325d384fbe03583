/**
 * Short messages at the page's edge: what was done, with the command that does the same, and what went wrong. The former
 * go by themselves; the latter stay until they are read.
 * @module
 */
import { signal } from "@preact/signals";
import { refusalIn } from "../api.ts";
import { CommandHint } from "./command_hint.tsx";
import { Icon } from "./icon.tsx";
import { Mark } from "./status.tsx";
import { Prose } from "./text.tsx";

const SHOWN_MS = 6_000;
const TOASTS_MAX = 4;

interface Toast {
  tone: "good" | "warn" | "bad";
  text: string;
  command?: string | undefined;
}

const toasts = signal<readonly Toast[]>([]);

export function tell(toast: Toast): void {
  // What was done before is known by now; what went wrong stays.
  toasts.value = [...toasts.value.filter(({ tone }) => tone === "bad"), toast].slice(-TOASTS_MAX);
  if (toast.tone !== "bad") setTimeout(() => dismiss(toast), SHOWN_MS);
}

/** Does it, and tells what was wrong otherwise. */
export async function orTell(perform: () => Promise<void>): Promise<void> {
  try {
    await perform();
  } catch (error) {
    tell({ tone: "bad", text: refusalIn(error) });
  }
}

function dismiss(toast: Toast): void {
  toasts.value = toasts.value.filter((other) => other !== toast);
}

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((toast) => (
        <div class="toast" key={toast}>
          <Mark tone={toast.tone} />
          <div class="toast-text">
            <Prose text={toast.text} />
            {toast.command !== undefined && <CommandHint command={toast.command} lead="" />}
          </div>
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(toast)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
