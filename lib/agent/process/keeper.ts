/**
 * The agent's side of the keeper (`keeper_script.ts`): writes its leases, and sees to it that it runs for as long as
 * there are any. The keeper outlives the agent; the next agent process finds it by its note.
 * @module
 */
import { join } from "node:path";
import type { Clock } from "../../runtime/clock.ts";
import { getLog } from "../../runtime/log.ts";
import type { Moment } from "../session/contact.ts";
import type { Leases } from "../session/isolation.ts";
import { KEEPER_NAME, KEEPER_SCRIPT } from "./keeper_script.ts";
import { leasePath, readLease, removeLease, untilOf, writeLease } from "./lease_file.ts";
import { isAlive } from "./ownership.ts";
import type { Platform } from "../platform/platform.ts";

const log = getLog("keeper");

export interface KeeperHost {
  /** The agent's data folder, and the one in it where launching shells note themselves. */
  path: string;
  runFolder: string;
  platform: Platform;
  /** This boot of the host. */
  boot: string;
  clock: Clock;
}

export class Keeper {
  readonly #host: KeeperHost;
  /** Until when each process may live, as the keeper knows. */
  #untils = new Map<string, number>();

  constructor(host: KeeperHost) {
    this.#host = host;
  }

  /** Whether exclusive replicas can be kept on this host. */
  get isAble(): boolean {
    return this.#host.platform.uptimeMs !== undefined;
  }

  /** Now. Where there is no clock that counts while the host sleeps, the agent's own has to do. */
  moment = (): Moment => {
    const { clock, platform } = this.#host;
    const nowMs = clock.now();
    return { nowMs, bootMs: platform.uptimeMs?.() ?? nowMs };
  };

  /** The last contact of a former agent process. */
  lastContact() {
    return readLease(this.#host.path, { boot: this.#host.boot, moment: this.moment() });
  }

  /** Until when an instance may live, in hundredths of a second of the host's clock; undefined when nobody keeps it. */
  untilOf(instance: string): number | undefined {
    return this.#untils.get(instance);
  }

  /** Takes in what the keeper is to go by from now on. Should that fail, it goes on by what it was told before. */
  async hold(leases: Leases): Promise<void> {
    if (!this.isAble) return;
    const { path, boot } = this.#host;
    try {
      if (leases.instances.length === 0) {
        this.#untils.clear();
        removeLease(path);
        return;
      }
      writeLease(path, leases, boot);
      if (!await this.#runs()) this.#start();
    } catch (error) {
      log.error("Cannot renew the leases of exclusive replicas: they end unless that works in time", { error });
      return;
    }
    this.#untils = new Map(leases.instances.map(({ instance, lastsMs }) => [instance, untilOf(leases, lastsMs)]));
  }

  async #runs(): Promise<boolean> {
    const { platform } = this.#host;
    const noted = platform.launcher?.readRecord(readNote(this.#notePath()));
    return noted !== undefined && await isAlive(noted, platform);
  }

  /** The keeper is nobody's child that matters: it is never waited for, and carries nothing of the agent's. */
  #start(): void {
    const { path, runFolder } = this.#host;
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", KEEPER_SCRIPT, KEEPER_NAME, leasePath(path), runFolder, this.#notePath()],
      env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
      clearEnv: true,
      cwd: "/",
      detached: true,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    child.unref();
    child.status.catch((error) => log.error("Cannot watch the keeper", { error }));
    log.info("Keeper started", { pid: child.pid });
  }

  #notePath(): string {
    return join(this.#host.path, "keeper");
  }
}

function readNote(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "";
  }
}
