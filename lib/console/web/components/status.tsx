/**
 * How something is: a mark and a word. Marks differ by shape as well as by colour, and the word says it all.
 * @module
 */
import type { Condition, Tone } from "../condition.ts";

export function Status({ tone, word }: Condition) {
  return (
    <span class={`status ${tone}`}>
      <Mark tone={tone} />
      {word}
    </span>
  );
}

/** A disc for what is well, a ring for what is under way, a triangle to be looked at, a square for what is wrong, a dot else. */
export function Mark({ tone }: { tone: Tone }) {
  return (
    <svg class={`mark ${tone}`} viewBox="0 0 12 12" aria-hidden="true">
      {tone === "good" && <circle cx="6" cy="6" r="4" />}
      {tone === "bad" && <rect x="2" y="2" width="8" height="8" rx="1.5" />}
      {tone === "warn" && <path d="M6 1.5 11 10.5H1Z" />}
      {tone === "busy" && <circle class="ring" cx="6" cy="6" r="3.5" />}
      {tone === "idle" && <circle cx="6" cy="6" r="2" />}
    </svg>
  );
}
