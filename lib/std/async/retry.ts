/**
 * retry(): tries again what fails now and then, with growing pauses. The pauses follow exponential
 * backoff with jitter, so that many who failed together don't come back together.
 *
 * @module
 */
import { delay } from "./delay.ts";

/** The last attempt failed too; `cause` is what it threw. */
export class RetryError extends Error {
  /** Takes what the last attempt threw, and how many there were. */
  constructor(cause: unknown, attempts: number) {
    super(`Retrying exceeded the maxAttempts (${attempts}).`, { cause });
    this.name = "RetryError";
  }
}

/** Options of retry(). Times are in milliseconds. */
export interface RetryOptions {
  /** How much longer each pause is than the one before. Default 2, at least 1. */
  multiplier?: number;
  /** The longest pause. Default 60,000. */
  maxTimeout?: number;
  /** How often to try at most. Default 5. */
  maxAttempts?: number;
  /** The first pause. Default 1,000. */
  minTimeout?: number;
  /** The random share of a pause, from 0 to 1. Default 1: anything between nothing and the whole pause. */
  jitter?: number;
  /** Whether an error is worth another attempt; any other is rethrown at once. Default: every error is. */
  isRetriable?: (err: unknown) => boolean;
  /** Ends the attempts, and the pause under way, with the signal's reason. */
  signal?: AbortSignal;
}

type Limits = Required<Omit<RetryOptions, "isRetriable" | "signal">>;

/** Calls `fn` until it returns. Throws a RetryError after `maxAttempts`, and a RangeError for bad options. */
export async function retry<T>(fn: (() => Promise<T>) | (() => T), options: RetryOptions = {}): Promise<T> {
  const {
    multiplier = 2,
    maxTimeout = 60_000,
    maxAttempts = 5,
    minTimeout = 1_000,
    jitter = 1,
  } = options;
  const { isRetriable = () => true, signal } = options;
  const limits = { multiplier, maxTimeout, maxAttempts, minTimeout, jitter };
  checkLimits(limits);

  for (let attempt = 1;; attempt++) {
    signal?.throwIfAborted();
    try {
      return await fn();
    } catch (error) {
      if (!isRetriable(error)) throw error;
      if (attempt >= maxAttempts) throw new RetryError(error, maxAttempts);
    }
    await delay(pauseMs(attempt, limits), signal && { signal });
  }
}

function pauseMs(attempt: number, { minTimeout, maxTimeout, multiplier, jitter }: Limits): number {
  const wholeMs = Math.min(minTimeout * multiplier ** (attempt - 1), maxTimeout);
  return wholeMs * (1 - Math.random() * jitter);
}

/** Each bound is written so that NaN breaks it. */
function checkLimits({ multiplier, maxTimeout, maxAttempts, minTimeout, jitter }: Limits): void {
  const check = (holds: boolean, rule: string, value: number) => {
    if (!holds) {
      throw new RangeError(`Cannot retry as ${rule}: current value is ${value}`);
    }
  };
  check(Number.isInteger(maxAttempts) && maxAttempts >= 1, "'maxAttempts' must be a positive integer", maxAttempts);
  check(Number.isFinite(multiplier) && multiplier >= 1, "'multiplier' must be a finite number >= 1", multiplier);
  check(maxTimeout > 0, "'maxTimeout' must be a positive number", maxTimeout);
  check(minTimeout >= 0, "'minTimeout' must be >= 0", minTimeout);
  if (minTimeout > maxTimeout) {
    const values = `'minTimeout=${minTimeout}', 'maxTimeout=${maxTimeout}'`;
    throw new RangeError(`Cannot retry as 'minTimeout' must be <= 'maxTimeout': current values ${values}`);
  }
  check(jitter >= 0 && jitter <= 1, "'jitter' must be between 0 and 1", jitter);
}
