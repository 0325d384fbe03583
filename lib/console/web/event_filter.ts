/**
 * Which events somebody wants to see. Pure: the page of events keeps what was asked for in its address.
 * @module
 */
import type { EventView, NodeView } from "../../wire/api.ts";

export interface EventFilter {
  /** Words that have to be in it, each of them. */
  text: string;
  /** The service's name; "" for all, and so below. */
  service: string;
  /** The node's name or id. */
  node: string;
  severity: "" | EventView["severity"];
}

type NameOf = ReadonlyMap<string, Pick<NodeView, "name">>;

/** The filter that an address asks for. */
export function filterIn(query: Readonly<Record<string, string>>): EventFilter {
  const { text = "", service = "", node = "", severity = "" } = query;
  return { text, service, node, severity: severityIn(severity) };
}

export function severityIn(word: string): EventFilter["severity"] {
  return word === "warn" || word === "info" ? word : "";
}

export function isFiltering(filter: EventFilter): boolean {
  return Object.values(filter).some((value) => value !== "");
}

/** The events that are asked for, in the same order. */
export function matching(events: readonly EventView[], filter: EventFilter, nodes: NameOf): EventView[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return events.filter((event) => {
    const nodeName = event.node === undefined ? "" : nodes.get(event.node)?.name ?? "";
    if (filter.service !== "" && event.service !== filter.service) return false;
    if (filter.severity !== "" && event.severity !== filter.severity) return false;
    if (filter.node !== "" && event.node !== filter.node && nodeName !== filter.node) return false;
    if (words.length === 0) return true;
    const said = `${event.text} ${event.kind} ${event.service ?? ""} ${nodeName} ${event.replica ?? ""}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}
