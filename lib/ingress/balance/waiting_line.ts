/**
 * Requests that wait for a replica, while none is ready or all are full. Who came first goes first; nobody waits longer
 * than the route allows, and the line is only so long. The engine looks at the first whenever a request has ended or the
 * endpoints have changed, and sweeps out whose time is up.
 * @module
 */

/** How a route's requests wait. */
export interface Queue {
  /** Who would come after so many others is refused. */
  readonly lengthMax: number;
  readonly timeoutMs: number;
}

/** A place in the line. */
export interface Ticket<Waiter> {
  readonly waiter: Waiter;
  readonly deadlineMs: number;
  /** The neighbours; the line's own business. */
  before: Ticket<Waiter> | undefined;
  after: Ticket<Waiter> | undefined;
  isWaiting: boolean;
}

export class WaitingLine<Waiter> {
  #first: Ticket<Waiter> | undefined;
  #last: Ticket<Waiter> | undefined;
  #length = 0;
  /** No deadline in the line is before this time: until then a sweep has nothing to look for. */
  #quietUntilMs = Number.POSITIVE_INFINITY;

  get length(): number {
    return this.#length;
  }

  /** Who is next, left in the line: it goes with `admit(1)` once there is a replica for it. */
  get first(): Ticket<Waiter> | undefined {
    return this.#first;
  }

  join(waiter: Waiter, { lengthMax, timeoutMs }: Queue, nowMs: number): Ticket<Waiter> | "full" {
    if (this.#length >= lengthMax) return "full";
    const deadlineMs = nowMs + timeoutMs;
    const ticket: Ticket<Waiter> = { waiter, deadlineMs, before: this.#last, after: undefined, isWaiting: true };
    if (this.#last === undefined) this.#first = ticket;
    else this.#last.after = ticket;
    this.#last = ticket;
    this.#length++;
    this.#quietUntilMs = Math.min(this.#quietUntilMs, deadlineMs);
    return ticket;
  }

  /** Takes the next so many out of the line. */
  admit(count: number): Ticket<Waiter>[] {
    const admitted: Ticket<Waiter>[] = [];
    while (admitted.length < count && this.#first !== undefined) {
      admitted.push(this.#first);
      this.leave(this.#first);
    }
    return admitted;
  }

  /** Takes those out of the line whose time is up. */
  expired(nowMs: number): Ticket<Waiter>[] {
    const expired: Ticket<Waiter>[] = [];
    if (nowMs < this.#quietUntilMs) return expired;
    this.#quietUntilMs = Number.POSITIVE_INFINITY;
    for (let ticket = this.#first; ticket !== undefined; ticket = ticket.after) {
      if (ticket.deadlineMs <= nowMs) expired.push(ticket);
      else this.#quietUntilMs = Math.min(this.#quietUntilMs, ticket.deadlineMs);
    }
    for (const ticket of expired) this.leave(ticket);
    return expired;
  }

  /** Takes a ticket out of the line. One that is out already stays so: a client may leave in any moment. */
  leave(ticket: Ticket<Waiter>): void {
    if (!ticket.isWaiting) return;
    ticket.isWaiting = false;
    if (ticket.before === undefined) this.#first = ticket.after;
    else ticket.before.after = ticket.after;
    if (ticket.after === undefined) this.#last = ticket.before;
    else ticket.after.before = ticket.before;
    // Otherwise whoever holds on to one ticket would hold on to all that left before.
    ticket.before = undefined;
    ticket.after = undefined;
    this.#length--;
  }
}
