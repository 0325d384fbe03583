/**
 * Nothing there yet, said in a friendly way and with what to do about it.
 * @module
 */
import type { ComponentChildren } from "preact";
import { CommandHint } from "./command_hint.tsx";

export function Empty({ title, command, children }: { title: string; command?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <p class="faint">{children}</p>}
      {command !== undefined && <CommandHint command={command} lead="" />}
    </div>
  );
}

/** In place of what is on its way, without a jump when it comes. */
export function Loading({ rows = 3 }: { rows?: number }) {
  return (
    <div class="loading" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, index) => <i key={index} />)}
    </div>
  );
}
