/**
 * Faults that need no request: an exit after a time, memory that fills, a log that floods. They run beside the server
 * until the program ends.
 * @module
 */
import { aborted } from "../runtime/aborted.ts";
import type { Clock } from "../runtime/clock.ts";
import type { PayloadConfig } from "./payload_flags.ts";

/** What the faults act on. */
export interface Victim {
  clock: Clock;
  signal: AbortSignal;
  /** Ends the process at once. */
  crash: () => void;
  /** Where the flood goes. */
  write: (bytes: Uint8Array) => Promise<unknown>;
}

type Switches = Pick<PayloadConfig, "crashAfterMs" | "eatMemoryMib" | "floodLog">;

/** Starts what the flags ask for; resolves when the signal is aborted or nothing is left to do. */
export async function misbehave({ crashAfterMs, eatMemoryMib, floodLog }: Switches, victim: Victim): Promise<void> {
  const faults: Promise<void>[] = [];
  if (crashAfterMs !== undefined) faults.push(crashLater(crashAfterMs, victim));
  if (eatMemoryMib > 0) faults.push(eatMemory(eatMemoryMib, victim));
  if (floodLog) faults.push(flood(victim));
  try {
    await Promise.all(faults);
  } catch (error) {
    if (!victim.signal.aborted) throw error;
  }
}

async function crashLater(afterMs: number, { clock, signal, crash }: Victim): Promise<void> {
  await clock.sleep(afterMs, { signal });
  crash();
}

const MIB = 1_048_576;
/** Memory is taken in steps, so that the payload answers meanwhile and a watcher can see it grow. */
const BITE_MIB = 16;
const BITE_PAUSE_MS = 20;

async function eatMemory(mib: number, { clock, signal }: Victim): Promise<void> {
  const eaten: Uint8Array[] = [];
  for (let left = mib; left > 0; left -= BITE_MIB) {
    // Filled, not just asked for: untouched pages cost no memory.
    eaten.push(new Uint8Array(Math.min(left, BITE_MIB) * MIB).fill(1));
    await clock.sleep(BITE_PAUSE_MS, { signal });
  }
  await aborted(signal);
  eaten.length = 0;
}

const FLOOD_BATCH_LINES = 512;

async function flood({ signal, write }: Victim): Promise<void> {
  const encoder = new TextEncoder();
  for (let line = 1; !signal.aborted; line += FLOOD_BATCH_LINES) {
    const batch = Array.from(
      { length: FLOOD_BATCH_LINES },
      (_, at) => `flood line ${line + at}: nothing of interest\n`,
    );
    try {
      await write(encoder.encode(batch.join("")));
    } catch (error) {
      if (error instanceof Deno.errors.BrokenPipe) return;
      throw error;
    }
  }
}
