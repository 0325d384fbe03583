/**
 * Which ports of TCP routes the threads of the ingress can't have. All of them are to have each port; as long as one has
 * not, that is a trouble.
 * @module
 */
import type { TcpPortNews } from "./engine.ts";

interface Port {
  readonly service: string;
  readonly port: number;
  /** What each thread says that has trouble. */
  readonly troubles: Map<number, string>;
}

export class TcpPortTroubles {
  readonly #ports = new Map<string, Port>();

  /** What a thread says of a port. Returns what that means for the port as a whole; a trouble may be known already. */
  heard(thread: number, { service, port, trouble }: TcpPortNews): TcpPortNews[] {
    const key = `${service}:${port}`;
    const held = this.#ports.get(key);
    if (trouble === undefined) return held === undefined ? [] : this.#without(key, held, thread);
    if (held !== undefined) held.troubles.set(thread, trouble);
    else this.#ports.set(key, { service, port, troubles: new Map([[thread, trouble]]) });
    return [{ service, port, trouble }];
  }

  /** A thread has ended: its successor will have troubles of its own. */
  gone(thread: number): TcpPortNews[] {
    return [...this.#ports].flatMap(([key, held]) => this.#without(key, held, thread));
  }

  #without(key: string, { service, port, troubles }: Port, thread: number): TcpPortNews[] {
    troubles.delete(thread);
    if (troubles.size > 0) return [];
    this.#ports.delete(key);
    return [{ service, port, trouble: undefined }];
  }
}
