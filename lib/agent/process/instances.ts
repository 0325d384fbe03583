/**
 * The processes on this host, by instance. What the session wants done to one replica is done in the order in which it
 * was wanted; different replicas never wait for each other. Ends, starts and probe results go back as inputs.
 * @module
 */
import { getLog } from "../../runtime/log.ts";
import { timeoutSignal } from "../../runtime/timeout.ts";
import type { Order } from "../../wire/protocol.ts";
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { Addresses } from "../relay/addresses.ts";
import type { InstanceRecord, SessionEffect, SessionInput } from "../session/effect.ts";
import { type Place, replicaEnvironment } from "./environment.ts";
import { lastWordsOf } from "../logs/last_words.ts";
import { logPath, refuseLink } from "../logs/log_file.ts";
import { isExclusive } from "../../cluster/isolation.ts";
import type { Keeper } from "./keeper.ts";
import { isAlive } from "./ownership.ts";
import { removeFiles } from "./own_folders.ts";
import type { Platform } from "../platform/platform.ts";
import { beginningOf, prepare, readyCommand } from "./prepare.ts";
import { probe, type ProbeResult } from "../probe/probe.ts";
import { type RunningProcess, startProcess } from "./process.ts";
import type { Places } from "./program.ts";
import { LOOPBACK } from "../ports.ts";
import { removeRun, writeRunRecord } from "./run_files.ts";
import { runSideCommand } from "./side_command.ts";
import type { Sweeper } from "./sweep.ts";
import { Turnstile } from "../probe/turnstile.ts";

type Effect<K extends SessionEffect["kind"]> = Extract<SessionEffect, { kind: K }>;

const log = getLog("instances");

/** What the instances live on. */
export interface InstanceHost {
  platform: Platform;
  sweeper: Sweeper;
  places: Places;
  /** The agent's data folder, and the folders in it that are meant for runs and logs. */
  path: string;
  runFolder: string;
  logFolder: string;
  nodeId: string;
  /** Where other hosts reach this one. */
  address: string;
  addresses: Pick<Addresses, "variablesFor" | "knownVariablesFor">;
  env: { get(name: string): string | undefined };
  keeper: Pick<Keeper, "untilOf">;
  artifacts: Pick<Artifacts, "isReady">;
  report: (input: SessionInput) => void;
  /** Aborted when the agent itself ends. */
  closing: AbortSignal;
}

/** Probes that run at once, of all replicas together. */
const PROBES_MAX = 64;

/** Nothing to wait for. */
const NOTHING = Promise.resolve();

interface Instance {
  id: string;
  replica: string;
  env: Record<string, string>;
  cwd: string | undefined;
  places: Places;
  process: RunningProcess | undefined;
  /** It may use its artifact's folder from now on. */
  hasBegun: boolean;
  ended: boolean;
  /** Resolves when its stop command has ended, or had its time. */
  stopping: Promise<void>;
}

export class Instances {
  readonly #host: InstanceHost;
  readonly #probes = new Turnstile(PROBES_MAX);
  readonly #instances = new Map<string, Instance>();
  /** The last thing that is done or waits to be done, by replica. */
  readonly #lastSteps = new Map<string, Promise<void>>();

  constructor(host: InstanceHost) {
    this.#host = host;
  }

  /** Takes a process over that a former agent has started. */
  adopt(
    process: RunningProcess,
    { record, order, node }: { record: InstanceRecord; order: Order | undefined; node: string },
  ): void {
    // What its process was given once; only the commands beside it need it again.
    const addresses = order === undefined ? {} : this.#host.addresses.knownVariablesFor(order.spec);
    const made = order && replicaEnvironment({ record, order }, this.#placeOf(node, addresses), this.#host.env);
    const env = made?.kind === "made" ? made.env : {};
    const instance = {
      id: record.instance,
      replica: record.replica,
      env,
      ...this.#beginningOf(order),
      process,
      hasBegun: true,
      ended: false,
      stopping: NOTHING,
    };
    this.#instances.set(instance.id, instance);
    this.#watch(instance, process);
  }

  spawn(effect: Effect<"spawn">): void {
    const { record } = effect;
    const { instance: id, replica } = record;
    const beginning = this.#beginningOf(effect.order);
    const begun = { env: {}, process: undefined, hasBegun: false, ended: false, stopping: NOTHING };
    const instance: Instance = { id, replica, ...beginning, ...begun };
    this.#instances.set(id, instance);
    this.#inTurn(replica, async () => {
      try {
        await this.#start(instance, effect);
      } catch (error) {
        log.error("Cannot start a replica", { service: record.service, replica, error });
        this.#failed(instance, { reason: `Cannot start it: ${(error as Error).message}`, takenPort: undefined });
      }
    });
  }

  signal({ instance: id, signal, scope }: Effect<"signal">): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    this.#inTurn(instance.replica, async () => {
      const { process, ended } = instance;
      if (process === undefined || ended || !await isAlive(process, this.#host.platform)) return;
      await this.#host.platform.signal(process.pid, signal as Deno.Signal, scope === "tree" ? "group" : "process");
    });
  }

  probe(effect: Effect<"probe">): void {
    const { instance: id, check } = effect;
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    this.#probes.pass(() => this.#probe(instance, effect)).then(
      (result) => this.#host.report({ kind: "probed", instance: id, check, ...result }),
      (error) =>
        this.#host.report({ kind: "probed", instance: id, check, ok: false, detail: (error as Error).message }),
    );
  }

  /** Not in turn: what is to be done when its time is over must not wait for it. */
  stopCommand({ instance: id, command, timeoutMs }: Effect<"stop_command">): void {
    const instance = this.#instances.get(id);
    if (instance === undefined) return;
    const ended = ({ ok, detail }: ProbeResult) => {
      if (!ok) log.warn("A stop command failed", { replica: instance.replica, reason: detail });
      this.#host.report({ kind: "stop_command_ended", instance: id, ok, detail });
    };
    const signal = timeoutSignal(timeoutMs);
    instance.stopping = this.#runBeside(instance, command, { signal }).then(ended, (error) => {
      const detail = signal.aborted ? `it did not end within ${timeoutMs} ms` : (error as Error).message;
      ended({ ok: false, detail });
    });
  }

  readLastWords({ instance: id }: Effect<"read_last_words">): void {
    const replica = this.#instances.get(id)?.replica;
    if (replica === undefined) return;
    lastWordsOf(this.#host.logFolder, replica).then((lines) =>
      this.#host.report({ kind: "last_words", instance: id, lines })
    );
  }

  /** Nothing of the replica is left: what was written for it goes. */
  forget(replica: string): void {
    this.#inTurn(replica, () => Promise.resolve(removeFiles(this.#host.path, replica)));
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#lastSteps.values());
  }

  async #start(instance: Instance, { record, order, node }: Effect<"spawn">): Promise<void> {
    const { platform, places, runFolder, logFolder, env: own } = this.#host;
    const place = this.#placeOf(node, await this.#host.addresses.variablesFor(order.spec));
    const { artifact } = order.spec;
    const isInUse = () => this.#isUsed(instance.places.artifact);
    if (artifact !== undefined && !await this.#host.artifacts.isReady(artifact.sha256, { isInUse })) {
      this.#failed(instance, { reason: "Cannot start it: its artifact is made anew", takenPort: undefined });
      return;
    }
    instance.hasBegun = true;
    const prepared = prepare({ record, order }, { place, places, env: own });
    if (prepared.kind === "unprepared") {
      this.#failed(instance, prepared);
      return;
    }
    const { command, env, cwd } = prepared;
    instance.env = env;
    const [out, err] = [logPath(logFolder, record.replica, "out"), logPath(logFolder, record.replica, "err")];
    refuseLink(out);
    refuseLink(err);
    writeRunRecord(runFolder, record);
    const until = this.#host.keeper.untilOf(record.instance);
    if (isExclusive(order.spec) && until === undefined) {
      this.#failed(instance, { reason: "Cannot start it: its lease could not be written", takenPort: undefined });
      return;
    }
    const launch = { until, instance: record.instance, command, env, cwd, out, err };
    const result = await startProcess(launch, { platform, runFolder });
    if (result.kind === "failed") {
      this.#failed(instance, { reason: result.reason, takenPort: undefined });
      return;
    }
    instance.process = result.process;
    this.#host.report({ kind: "spawned", instance: instance.id, pid: result.process.pid });
    this.#watch(instance, result.process);
  }

  #isUsed(artifact: string | undefined): boolean {
    return this.#instances.values().some(({ hasBegun, places }) => hasBegun && places.artifact === artifact);
  }

  #failed({ id }: Instance, { reason, takenPort }: { reason: string; takenPort: number | undefined }): void {
    this.#instances.delete(id);
    removeRun(this.#host.runFolder, id);
    this.#host.report({ kind: "spawn_failed", instance: id, reason, takenPort });
  }

  /**
   * Tells of the process's end; what it left behind is ended before the replica is started anew, but not the stop
   * command, which may have something to do after the end that it brought about.
   */
  #watch(instance: Instance, process: RunningProcess): void {
    process.ended.then((exit) => {
      instance.ended = true;
      this.#inTurn(instance.replica, async () => {
        await instance.stopping;
        await this.#host.sweeper.sweep({ instance: instance.id, pid: process.pid });
        removeRun(this.#host.runFolder, instance.id);
        this.#instances.delete(instance.id);
      });
      lastWordsOf(this.#host.logFolder, instance.replica).then((lastWords) =>
        this.#host.report({ kind: "exited", instance: instance.id, ...exit, lastWords })
      );
    }, (error) => {
      if (!this.#host.closing.aborted) log.error("Cannot watch a replica any more", { pid: process.pid, error });
    });
  }

  async #probe(instance: Instance, { at, health }: Effect<"probe">): Promise<ProbeResult> {
    const hostname = at.exposed ? this.#host.address : LOOPBACK;
    return await probe(health, {
      hostname,
      port: at.port,
      run: (command, options) => this.#runBeside(instance, command, options),
    });
  }

  async #runBeside(
    { env, cwd, places }: Instance,
    command: readonly string[],
    { signal }: { signal: AbortSignal },
  ): Promise<ProbeResult> {
    const ready = readyCommand(command, { places, variables: env });
    if (ready.kind === "refused") return { ok: false, detail: ready.reason };
    return await runSideCommand(ready.command, { env, cwd, signal });
  }

  #beginningOf(order: Order | undefined): Pick<Instance, "cwd" | "places"> {
    const { path: dataFolder, places } = this.#host;
    return order === undefined ? { cwd: undefined, places } : beginningOf(order.spec, { dataFolder, places });
  }

  #placeOf(node: string, addresses: Record<string, string>): Place {
    const { nodeId, address, path } = this.#host;
    return { nodeId, node, address, dataFolder: path, addresses };
  }

  /** Does a step once all earlier ones of that replica are done. */
  #inTurn(replica: string, step: () => Promise<void>): void {
    const done = (this.#lastSteps.get(replica) ?? Promise.resolve()).then(step).catch((error) => {
      log.error("Cannot do what was wanted of a replica", { replica, error });
    }).finally(() => {
      if (this.#lastSteps.get(replica) === done) this.#lastSteps.delete(replica);
    });
    this.#lastSteps.set(replica, done);
  }
}
