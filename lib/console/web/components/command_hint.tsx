/**
 * The command that does the same in a terminal, to be learnt and copied.
 * @module
 */
import { useSignal } from "@preact/signals";
import { printableLine } from "../../../runtime/sanitize.ts";
import { Icon } from "./icon.tsx";

const COPIED_MS = 1_500;

export function CommandHint({ command: given, lead = "Same in the terminal" }: { command: string; lead?: string }) {
  const copied = useSignal(false);
  // Names are in it: what is pasted into a terminal must do nothing there but what it says.
  const command = printableLine(given);
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    copied.value = true;
    setTimeout(() => copied.value = false, COPIED_MS);
  };
  return (
    <span class="hint">
      {lead !== "" && <span class="faint">{lead}</span>}
      <code>
        <bdi>{command}</bdi>
      </code>
      {/* Browsers give the clipboard to pages of https and loopback alone. */}
      {navigator.clipboard !== undefined && (
        <button type="button" class="icon-button" onClick={copy} aria-label="Copy the command">
          <Icon name={copied.value ? "check" : "copy"} />
          <span class="sr" role="status">{copied.value ? "Copied" : ""}</span>
        </button>
      )}
    </span>
  );
}
