/**
 * The ports of a replica's next process: the main one and those that its spec names. What the spec fixes is taken as it
 * is; the others are chosen, so that no two replicas of this agent have one in common.
 * @module
 */
import type { Order } from "../../wire/protocol.ts";
import type { PortBook } from "./port_book.ts";

export type Chosen =
  | { kind: "chosen"; port: number; ports: Record<string, number> }
  | { kind: "refused"; reason: string };

/** Takes the ports from the book; all of them or none. */
export function choosePorts(
  { assignment, spec }: Order,
  { book, nowMs, except }: { book: PortBook; nowMs: number; except: readonly number[] },
): Chosen {
  const ports: Record<string, number> = {};
  const taken: number[] = [];
  const refuse = (reason: string): Chosen => {
    for (const port of taken) book.release(port, nowMs);
    return { kind: "refused", reason };
  };
  // What is fixed comes first, lest it be chosen for something else.
  for (const [name, { port }] of Object.entries(spec.ports)) {
    if (port === 0) continue;
    if (!book.claim(port, assignment.id)) return refuse(`port ${port} ("${name}") is another replica's on this node`);
    ports[name] = port;
    taken.push(port);
  }
  const choose = () => {
    const port = book.take(assignment.id, { nowMs, except: [...except, ...taken] });
    if (port !== undefined) taken.push(port);
    return port;
  };
  const port = choose();
  for (const [name, wanted] of Object.entries(spec.ports)) {
    const chosen = wanted.port === 0 ? choose() : wanted.port;
    if (chosen !== undefined) ports[name] = chosen;
  }
  const complete = port !== undefined && Object.keys(ports).length === Object.keys(spec.ports).length;
  return complete ? { kind: "chosen", port, ports } : refuse("no port is left in the agent's range");
}
