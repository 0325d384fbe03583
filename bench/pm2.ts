/**
 * The peer: PM2, installed by npm into a folder of its own for the time of a bench, with its daemon's home beside it.
 * @module
 */
import { until } from "../scripts/local_program.ts";

export class Pm2 implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Installs it, or says that it can't be had and gives undefined. */
  static async install(): Promise<Pm2 | undefined> {
    const folder = await Deno.makeTempDir({ prefix: "muster-pm2-" });
    try {
      const { success } = await new Deno.Command("npm", {
        args: ["install", "--silent", "--prefix", folder, "pm2"],
        stdout: "null",
        stderr: "null",
      }).output();
      if (success) return new Pm2(folder);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    console.log("PM2 can't be installed here: it is left out");
    return undefined;
  }

  async #run(...args: string[]): Promise<void> {
    const { success, stderr } = await new Deno.Command(`${this.#folder}/node_modules/.bin/pm2`, {
      args,
      env: { PM2_HOME: `${this.#folder}/home` },
      stdout: "null",
      stderr: "piped",
    }).output();
    if (!success) throw new Error(`pm2 ${args.join(" ")} failed: ${new TextDecoder().decode(stderr)}`);
  }

  /** kill -9 of a sleeping process, again and again: when its new process was there. */
  async restarts(rounds: number): Promise<number[]> {
    await this.#run("start", "sleep", "--name", "one", "--interpreter", "none", "--", "1000");
    const samples: number[] = [];
    let pid = await this.#pid("one", 0);
    for (let round = 0; round < rounds; round++) {
      const killedMs = performance.now();
      Deno.kill(pid, "SIGKILL");
      pid = await this.#pid("one", pid);
      samples.push(performance.now() - killedMs);
      // PM2 counts starts that last less than a second as failed ones.
      await until(() => performance.now() - killedMs > 1_200, { what: "a second" });
    }
    await this.#run("delete", "one");
    return samples;
  }

  /** Starts many sleeping processes with one command; it returns when all run. */
  async startMany(count: number): Promise<number> {
    const file = `${this.#folder}/many.json`;
    const apps = [{
      name: "many",
      script: "sleep",
      args: "1000",
      interpreter: "none",
      exec_mode: "fork",
      instances: count,
    }];
    await Deno.writeTextFile(file, JSON.stringify({ apps }));
    const startedMs = performance.now();
    await this.#run("start", file);
    const tookMs = performance.now() - startedMs;
    await this.#run("delete", "many");
    return tookMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run("kill");
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** The process's pid, once it is another than before. PM2 writes it down when it has started it. */
  #pid(name: string, before: number): Promise<number> {
    const read = async () => {
      try {
        const pid = Number(await Deno.readTextFile(`${this.#folder}/home/pids/${name}-0.pid`));
        return pid !== 0 && pid !== before ? pid : undefined;
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined;
        throw error;
      }
    };
    return until(read, { what: "PM2's new process" });
  }
}
