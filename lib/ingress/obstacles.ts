/**
 * A list of what keeps clients from reaching services as their specs say, such as a port that another program has: what
 * comes onto it and what goes off it is told, each time once. `reach.ts` finds them.
 * @module
 */
import type { Happening } from "../cluster/event.ts";

const METRIC = "muster_ingress_obstacles";

export class Obstacles {
  readonly #tell: (happening: Happening) => void;
  /** By service, and there by what can't be reached: why. */
  readonly #all = new Map<string, Map<string, string>>();

  constructor(tell: (happening: Happening) => void) {
    this.#tell = tell;
  }

  /** Something of a service can't be reached, for that reason; or, without one, it can after all. */
  set(service: string, what: string, reason: string | undefined): void {
    const known = this.#all.get(service)?.get(what);
    if (known === reason) return;
    if (reason === undefined) {
      this.forget(service, what);
      const text = `${what} of ${service} can be reached`;
      return this.#tell({ kind: "ingress_obstacle_gone", severity: "info", text, service });
    }
    const ofService = this.#all.get(service) ?? new Map<string, string>();
    this.#all.set(service, ofService.set(what, reason));
    const text = obstacle(service, what, reason);
    this.#tell({ kind: "ingress_obstacle", severity: "warn", text, service });
  }

  /** It isn't wanted any more, and that is no news. */
  forget(service: string, what: string): void {
    const ofService = this.#all.get(service);
    ofService?.delete(what);
    if (ofService?.size === 0) this.#all.delete(service);
  }

  /** What is in the way to a service now, in words. */
  of(service: string): string[] {
    return [...this.#all.get(service) ?? []].map(([what, reason]) => obstacle(service, what, reason));
  }

  /** What of a service can't be reached. */
  named(service: string): string[] {
    return [...this.#all.get(service)?.keys() ?? []];
  }

  /** In the text format of Prometheus, each line ended. */
  metrics(): string {
    const lines = [...this.#all].map(([service, { size }]) => `${METRIC}{service="${service}"} ${size}`);
    const help = "What keeps clients from reaching a service as its spec says.";
    return [`# HELP ${METRIC} ${help}`, `# TYPE ${METRIC} gauge`, ...lines].map((line) => `${line}\n`).join("");
  }
}

function obstacle(service: string, what: string, reason: string): string {
  return `${what} of ${service} can't be reached: ${reason}`;
}
