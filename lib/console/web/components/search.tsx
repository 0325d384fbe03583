/**
 * A field to find something in what is below it.
 * @module
 */
import type { Signal } from "@preact/signals";
import { typed } from "./field.tsx";
import { Icon } from "./icon.tsx";

export function Search({ label, text }: { label: string; text: Signal<string> }) {
  return (
    <label class="search">
      <Icon name="search" />
      <span class="sr">{label}</span>
      <input type="search" placeholder="Find" {...typed(text)} />
    </label>
  );
}
