/**
 * A field of a form with its name above it and a hint below, and what ties it to a signal.
 * @module
 */
import type { Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

export function Field({ label, about, children }: {
  label: string;
  about?: ComponentChildren;
  children: ComponentChildren;
}) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
      {about !== undefined && <small>{about}</small>}
    </label>
  );
}

/** To be given to a field of text: it shows the signal's value, and sets it. */
export function typed(text: Signal<string>) {
  return {
    value: text.value,
    onInput: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => void (text.value = value),
  };
}
