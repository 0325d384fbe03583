/**
 * What the controller says against something, where it was asked for; read out as soon as it is there.
 * @module
 */
import { Prose } from "./text.tsx";

export function Refusal({ text, class: kind = "" }: { text: string; class?: string }) {
  if (text === "") return null;
  return (
    <p class={`refusal ${kind}`} role="alert">
      <Prose text={text} />
    </p>
  );
}
