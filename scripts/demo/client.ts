/**
 * The steady client of the demo: it asks the controller's port at a constant rate, whatever happens to the cluster
 * meanwhile, and counts. A request that was sent while no replica was ready is counted apart: nobody could answer it.
 * @module
 */

export const REQUESTS_PER_S = 25;
const ANSWER_MS = 10_000;
const FAILURES_SHOWN_MAX = 5;

/** What became of the requests so far. */
export interface Tally {
  /** Sent while at least one replica was ready, and answered or failed. */
  requests: number;
  failed: number;
  /** Sent while none was ready. */
  early: number;
  /** How long the answers took, in milliseconds. */
  tookMs: number[];
  /** The first failures, in words. */
  failures: string[];
}

export interface SteadyClient {
  tally: Tally;
  /** Sends no more and waits for what is under way. */
  stop: () => Promise<Tally>;
}

/** Starts to ask. `isReady` says whether any replica is ready at this moment. */
export function startClient(url: string, { isReady }: { isReady: () => boolean }): SteadyClient {
  const tally: Tally = { requests: 0, failed: 0, early: 0, tookMs: [], failures: [] };
  const underWay = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const request = ask(url, { tally, early: !isReady() }).finally(() => underWay.delete(request));
    underWay.add(request);
  }, 1_000 / REQUESTS_PER_S);
  return {
    tally,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(underWay);
      return tally;
    },
  };
}

async function ask(url: string, { tally, early }: { tally: Tally; early: boolean }): Promise<void> {
  const sentMs = performance.now();
  const problem = await problemOf(url);
  if (early) {
    tally.early += 1;
    return;
  }
  tally.requests += 1;
  tally.tookMs.push(performance.now() - sentMs);
  if (problem === undefined) return;
  tally.failed += 1;
  if (tally.failures.length < FAILURES_SHOWN_MAX) tally.failures.push(`${new Date().toISOString()} ${problem}`);
}

/** What is wrong with the answer, if anything. */
async function problemOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    const text = await response.text();
    return response.ok && text.startsWith("Hello from Worker ID: ") ? undefined : `${response.status} ${text.trim()}`;
  } catch (error) {
    // No answer at all is what this is here to find.
    if (!(error instanceof Error)) throw error;
    return `no answer: ${error.message}`;
  }
}
