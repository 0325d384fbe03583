/**
 * Job objects, by which Windows keeps together what belongs together: a process that is put into one, and all that it
 * starts from then on, end when the job is ended, and also when the agent is gone, which alone holds the job open.
 * Deno has no such thing, so the system's own functions are called.
 * @module
 */

/** A process and its descendants. */
export interface Job {
  /** Ends all of them. Does nothing the second time. */
  end(): void;
}

/** `JOBOBJECT_EXTENDED_LIMIT_INFORMATION` as it lies in the memory of a 64-bit Windows: class, size, one field. */
const EXTENDED_LIMITS = 9;
const EXTENDED_LIMITS_BYTES = 144;
const LIMIT_FLAGS_AT = 16;
const KILL_ON_JOB_CLOSE = 0x2000;

/** What putting a process into a job asks for: `PROCESS_TERMINATE` and `PROCESS_SET_QUOTA`. */
const ASSIGN_ACCESS = 0x0001 | 0x0100;

/** The exit code of whoever is ended with its job, as shells have it for SIGKILL. */
const KILLED = 137;

const FUNCTIONS = {
  CreateJobObjectW: { parameters: ["pointer", "pointer"], result: "pointer" },
  SetInformationJobObject: { parameters: ["pointer", "i32", "buffer", "u32"], result: "i32" },
  OpenProcess: { parameters: ["u32", "i32", "u32"], result: "pointer" },
  AssignProcessToJobObject: { parameters: ["pointer", "pointer"], result: "i32" },
  TerminateJobObject: { parameters: ["pointer", "u32"], result: "i32" },
  CloseHandle: { parameters: ["pointer"], result: "i32" },
} as const;

type Kernel = Deno.DynamicLibrary<typeof FUNCTIONS>["symbols"];

let kernel: Kernel | undefined;

/** Puts a child of this process, whose end was not seen yet, into a job of its own. */
export function jobOf(pid: number): Job {
  kernel ??= Deno.dlopen("kernel32.dll", FUNCTIONS).symbols;
  const { CreateJobObjectW, TerminateJobObject, CloseHandle } = kernel;
  const job = CreateJobObjectW(null, null);
  if (job === null || !put(pid, job, kernel)) {
    CloseHandle(job);
    throw new Error(`Cannot keep process ${pid} together with what it starts: Windows refuses it a job object`);
  }
  let ended = false;
  return {
    end: () => {
      if (ended) return;
      ended = true;
      TerminateJobObject(job, KILLED);
      CloseHandle(job);
    },
  };
}

function put(pid: number, job: Deno.PointerValue, kernel: Kernel): boolean {
  const limits = new Uint8Array(EXTENDED_LIMITS_BYTES);
  new DataView(limits.buffer).setUint32(LIMIT_FLAGS_AT, KILL_ON_JOB_CLOSE, true);
  if (kernel.SetInformationJobObject(job, EXTENDED_LIMITS, limits, EXTENDED_LIMITS_BYTES) === 0) return false;
  const process = kernel.OpenProcess(ASSIGN_ACCESS, 0, pid);
  if (process === null) return false;
  const done = kernel.AssignProcessToJobObject(job, process);
  kernel.CloseHandle(process);
  return done !== 0;
}
