/**
 * Whether clients can reach what services declare: that there are ports to come in by, and that the ports of TCP routes
 * could be opened. What is in the way is told once when it begins and once when it is over, and kept in between for
 * whoever asks why.
 * @module
 */
import type { Happening } from "../cluster/event.ts";
import { getLog } from "../runtime/log.ts";
import type { TcpPortNews, Traffic } from "./engine/engine.ts";
import { missingPorts, type OwnedPorts, portName } from "./missing_ports.ts";
import { Obstacles } from "./obstacles.ts";

const log = getLog("ingress");

export class Reach {
  readonly #has: OwnedPorts;
  readonly #obstacles = new Obstacles((happening) => this.#tell(happening));
  /** The names of each service's TCP ports. */
  readonly #declared = new Map<string, ReadonlySet<string>>();
  #tell: (happening: Happening) => void = ({ severity, text }) => log[severity](text);

  constructor(has: OwnedPorts) {
    this.#has = has;
  }

  /** Whom it tells from now on; until then the log. */
  follow(tell: (happening: Happening) => void): void {
    this.#tell = tell;
  }

  /** What a service declares from now on; undefined when there is none of that name any more. */
  set(service: string, traffic: Pick<Traffic, "routes" | "tcp"> | undefined): void {
    const missing = traffic === undefined ? new Map<string, string>() : missingPorts(traffic, this.#has);
    const declared = new Set(traffic?.tcp.map(({ port }) => portName(port)));
    if (declared.size === 0) this.#declared.delete(service);
    else this.#declared.set(service, declared);
    for (const what of this.#obstacles.named(service)) {
      if (!missing.has(what) && !declared.has(what)) this.#obstacles.forget(service, what);
    }
    for (const [what, reason] of missing) this.#obstacles.set(service, what, reason);
  }

  /** What has become of a port; it may have been declared no more meanwhile. */
  heard({ service, port, trouble }: TcpPortNews): void {
    const name = portName(port);
    if (this.#declared.get(service)?.has(name)) this.#obstacles.set(service, name, trouble);
  }

  /** What is in the way to a service now, in words. */
  obstacles(service: string): string[] {
    return this.#obstacles.of(service);
  }

  /** In the text format of Prometheus, each line ended. */
  metrics(): string {
    return this.#obstacles.metrics();
  }
}
