/**
 * The address bar as a signal. Links are plain `<a href>`: a click on one that stays in the dashboard is taken over here,
 * so that middle clicks, copied links and reloads work as everywhere.
 * @module
 */
import { signal } from "@preact/signals";
import { BASE, type Place, placeAt } from "./place.ts";

export const place = signal<Place>({ page: "overview", subject: "", query: {} });

/** Begins to follow the address bar and the links of the page. */
export function startRouter(): void {
  read();
  addEventListener("popstate", read);
  document.addEventListener("click", (event) => {
    const link = (event.target as Element | null)?.closest?.("a");
    if (link === null || link === undefined || !isOurs(link, event)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

/** Goes there; a place that only differs in its query replaces the present one, as a filter that is typed would. */
export function go(href: string): void {
  const target = new URL(href, location.href);
  if (target.pathname === location.pathname) {
    history.replaceState(null, "", target);
    read();
    return;
  }
  history.pushState(null, "", target);
  read();
  scrollTo(0, 0);
  // What was clicked is gone: who uses the keyboard, or listens, begins at the new page's heading.
  requestAnimationFrame(() => document.querySelector<HTMLElement>("h1")?.focus({ preventScroll: true }));
}

function read(): void {
  place.value = placeAt(location.pathname.replace(/\/+$/, ""), location.search);
}

function isOurs(link: HTMLAnchorElement, event: MouseEvent): boolean {
  if (event.defaultPrevented || event.button !== 0) return false;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return false;
  if (link.target !== "" || link.hash !== "" || link.origin !== location.origin) return false;
  return link.pathname === BASE || link.pathname.startsWith(`${BASE}/`);
}
