/**
 * What is shown once and never again: a new token, or the invitation of a host. It stays until it is put away.
 * @module
 */
import { useEffect, useRef } from "preact/hooks";
import { Card } from "../components/card.tsx";
import { CommandHint } from "../components/command_hint.tsx";

export interface ShownOnce {
  title: string;
  secret: string;
  /** What to do with it. */
  advice: string;
}

export function Secret({ title, secret, advice, onDone }: ShownOnce & { onDone: () => void }) {
  const shown = useRef<HTMLDivElement>(null);
  useEffect(() => shown.current?.focus(), [secret]);
  return (
    <div ref={shown} class="secret" tabIndex={-1} role="status">
      <Card title={title} aside={<button type="button" class="primary" onClick={onDone}>I have put it away</button>}>
        <p>This is shown once, and can't be looked up again. {advice}</p>
        <CommandHint command={secret} lead="" />
      </Card>
    </div>
  );
}
