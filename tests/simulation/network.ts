/**
 * The virtual network between the controller and each host. A message takes a random time, so that two messages may
 * overtake one another; it may be lost, and a request may arrive twice. Each direction can be cut by itself. A stream is
 * TCP: what is sent while it is cut arrives late and in order, or never if the stream is given up first.
 * @module
 */
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Timeline } from "./timeline.ts";

export type Direction = "to_host" | "to_controller";

export interface Weather {
  delayMs: { min: number; max: number };
  lost: number;
  twice: number;
}

export const FAIR: Weather = { delayMs: { min: 0, max: 3 }, lost: 0, twice: 0 };
export const ROUGH: Weather = { delayMs: { min: 0, max: 400 }, lost: 0.02, twice: 0.3 };

interface Line {
  cut: Record<Direction, boolean>;
  weather: Weather;
  /** What streams wait to send until the cut ends. */
  held: (() => void)[];
}

export class Network {
  readonly #lines = new Map<string, Line>();
  readonly #timeline: Timeline;
  readonly #random: Random;

  constructor(timeline: Timeline, random: Random) {
    this.#timeline = timeline;
    this.#random = random;
  }

  cut(host: string, directions: readonly Direction[]): void {
    for (const direction of directions) this.#line(host).cut[direction] = true;
  }

  mend(host: string): void {
    const line = this.#line(host);
    line.cut = { to_host: false, to_controller: false };
    line.weather = FAIR;
    for (const send of line.held.splice(0)) send();
  }

  setWeather(host: string, weather: Weather): void {
    this.#line(host).weather = weather;
  }

  isWell(host: string): boolean {
    const { cut, weather } = this.#line(host);
    return !cut.to_host && !cut.to_controller && weather === FAIR;
  }

  /** Sends a message that may get lost, come late, or come twice. */
  send(host: string, direction: Direction, arrive: () => void): void {
    const { cut, weather } = this.#line(host);
    if (cut[direction] || this.#random.next() < weather.lost) return;
    this.#timeline.after(this.#delay(weather), arrive);
    if (this.#random.next() < weather.twice) this.#timeline.after(this.#delay(weather) * 25, arrive);
  }

  /** Sends a piece of a stream: it arrives after all that was sent before it, also over a cut. */
  stream(host: string, order: { lastMs: number }, arrive: () => void): void {
    const line = this.#line(host);
    const send = () => {
      const atMs = Math.max(order.lastMs, this.#timeline.nowMs + this.#delay(line.weather));
      order.lastMs = atMs;
      this.#timeline.after(atMs - this.#timeline.nowMs, arrive);
    };
    if (line.cut.to_controller) line.held.push(send);
    else send();
  }

  #delay({ delayMs }: Weather): number {
    return intBetween(this.#random, delayMs);
  }

  #line(host: string): Line {
    let line = this.#lines.get(host);
    if (line === undefined) {
      line = { cut: { to_host: false, to_controller: false }, weather: FAIR, held: [] };
      this.#lines.set(host, line);
    }
    return line;
  }
}
