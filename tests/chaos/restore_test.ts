/**
 * A controller that is killed while it restores a backup starts again with all of the backup or with nothing of it: its
 * records and its authority are never of two clusters.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { delay } from "@std/async";
import { join } from "node:path";
import { Status } from "../../lib/wire/api.ts";
import { type LocalProgram, startProgram } from "../../scripts/local_program.ts";
import { granted } from "../support/granted.ts";

/** From before it is read until it is in force, however slow the machine is. */
const KILLED_AFTER_MS = [0, ...Array.from({ length: 12 }, (_, at) => 5 * 2 ** at)];

const options = { ignore: !granted || Deno.build.os === "windows" };

Deno.test(
  "a controller that is killed while it restores has all of the backup, or nothing of it",
  options,
  async () => {
    await using saved = await startSecure();
    await declare(saved, "saved");
    const backup = await (await ask(saved, "/v1/backup")).bytes();
    const seen = new Set<string>();
    for (const killedAfterMs of KILLED_AFTER_MS) {
      await using restored = await startSecure();
      await declare(restored, "fresh");
      const own = await authorityOf(restored);
      // Nobody answers any more once it is killed.
      const asked = ask(restored, "/v1/restore", { method: "POST", body: backup }).catch(() => {});
      await delay(killedAfterMs);
      await restored.stop("SIGKILL");
      await asked;
      await using again = await startSecure(restored.data);
      const { services } = Status.parse(await (await ask(again, "/status")).json());
      const [found] = services.map(({ name }) => name).filter((name) => name !== "payload");
      assert(found === "saved" || found === "fresh", `it has ${found}`);
      const authority = await authorityOf(again);
      assertEquals(authority === own, found === "fresh", `the records are ${found}, the authority is the other`);
      assertEquals(authority === await authorityOf(saved), found === "saved");
      seen.add(found);
    }
    assertEquals(seen.size, 2, `it never came to both: ${[...seen]}`);
  },
);

function startSecure(data?: string): Promise<LocalProgram> {
  return startProgram("controller", { args: ["--secure"], tls: true, ...(data !== undefined && { data }) });
}

async function declare(controller: LocalProgram, name: string): Promise<void> {
  const body = JSON.stringify({ name, command: ["payload"], replicas: 0 });
  const response = await ask(controller, "/v1/apply", { method: "POST", body });
  assertEquals(response.status, 200, await response.text());
}

async function ask({ url, data }: LocalProgram, path: string, init: RequestInit = {}): Promise<Response> {
  using client = Deno.createHttpClient({ caCerts: [await authorityOf({ data })] });
  const token = (await Deno.readTextFile(join(data, "admin.token"))).trim();
  const response = await fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${token}` }, client });
  // The whole of it, as the client goes with this call.
  return new Response(await response.bytes(), response);
}

function authorityOf({ data }: Pick<LocalProgram, "data">): Promise<string> {
  return Deno.readTextFile(join(data, "authority", "authority.pem"));
}
