/**
 * Light or dark: as the system has it, until somebody chooses. The style sheet knows both by `light-dark()`; all that is
 * said here is which one.
 * @module
 */
import { signal } from "@preact/signals";

const KEY = "muster.theme";

export type Theme = "system" | "light" | "dark";

export const theme = signal<Theme>("system");

/** Grows whenever colours may have changed, for what is drawn on a canvas. */
export const paints = signal(0);

export function startTheme(): void {
  const kept = localStorage.getItem(KEY);
  apply(kept === "light" || kept === "dark" ? kept : "system");
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => paints.value += 1);
}

export function choose(chosen: Theme): void {
  localStorage.setItem(KEY, chosen);
  apply(chosen);
}

/** Whether it is dark now, whoever decided. */
export function isDark(): boolean {
  return theme.value === "system" ? matchMedia("(prefers-color-scheme: dark)").matches : theme.value === "dark";
}

function apply(chosen: Theme): void {
  theme.value = chosen;
  if (chosen === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = chosen;
  paints.value += 1;
}
