/**
 * A client that asks at a constant rate while something is broken on purpose, and says what became of each request. Each
 * has a connection and a deadline of its own; none waits for an earlier one.
 * @module
 */
import { assertEquals } from "@std/assert";
import { until } from "../../scripts/local_program.ts";

const EVERY_MS = 10;
const ANSWER_MS = 10_000;

export interface Asked {
  requests: number;
  /** What went wrong, in words. */
  failures: string[];
  slowestMs: number;
}

export interface SteadyClient extends AsyncDisposable {
  asked: Asked;
  /** Waits until so many requests more were answered. */
  more: (requests: number) => Promise<void>;
  /** Sends no more, waits for what is under way, and gives the result. */
  stop: () => Promise<Asked>;
}

/** Begins to send `GET`s, which may be sent again without harm. */
export function startSteadyClient(url: string): SteadyClient {
  const asked: Asked = { requests: 0, failures: [], slowestMs: 0 };
  const underWay = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const request = ask(url, asked).finally(() => underWay.delete(request));
    underWay.add(request);
  }, EVERY_MS);
  const stop = async () => {
    clearInterval(timer);
    await Promise.all(underWay);
    return asked;
  };
  return {
    asked,
    stop,
    more: async (requests) => {
      const wanted = asked.requests + requests;
      await until(() => asked.requests >= wanted, { what: `${requests} more requests` });
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

async function ask(url: string, asked: Asked): Promise<void> {
  const sentMs = performance.now();
  asked.requests += 1;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await response.text();
    if (!response.ok) asked.failures.push(`${response.status} ${text.trim()}`);
  } catch (error) {
    // Connections that are refused or cut are what this is here to count.
    if (!(error instanceof Error)) throw error;
    asked.failures.push(error.message);
  }
  asked.slowestMs = Math.max(asked.slowestMs, performance.now() - sentMs);
}

/** Runs a step under this client's requests; fails when one of them, or of those that came right after, has failed. */
export function stepUnder(client: SteadyClient, test: Deno.TestContext) {
  return (name: string, change: () => Promise<unknown>) =>
    test.step(name, async () => {
      await change();
      await client.more(50);
      assertEquals(client.asked.failures, []);
    });
}
