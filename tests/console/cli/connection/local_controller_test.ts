import { assertEquals, assertRejects } from "@std/assert";
import { localController } from "../../../../lib/console/cli/connection/local_controller.ts";

function ioOf(files: Record<string, string>, env: Record<string, string> = {}, failure?: Error) {
  return {
    env: { get: (name: string) => env[name] },
    readFile: (path: string) =>
      path in files ? Promise.resolve(files[path]!) : Promise.reject(failure ?? new Deno.errors.NotFound(path)),
  };
}

function filesIn(folder: string, address: string): Record<string, string> {
  return {
    [`${folder}/controller.addr`]: address,
    [`${folder}/authority/authority.pem`]: "PEM",
    [`${folder}/admin.token`]: "muster_x\n",
  };
}

Deno.test("localController() finds the controller of this host by its data folder", async () => {
  const own = filesIn("/own", "10.0.0.1:8000");
  const service = filesIn("/var/lib/muster/controller", "0.0.0.0:8001");
  const home = filesIn("/root/.local/state/muster/controller-8000", "[::]:8002");
  const found = (server: string) => ({ server, token: "muster_x", ca: "PEM" });
  const env = { MUSTER_DATA: "/own", HOME: "/root" };
  assertEquals(await localController(ioOf({ ...own, ...service }, env)), found("https://10.0.0.1:8000"));
  assertEquals(await localController(ioOf({ ...service, ...home }, env)), found("https://127.0.0.1:8001"));
  assertEquals(await localController(ioOf(home, env)), found("https://[::1]:8002"));
});

Deno.test("localController() finds none where a part is missing or is not this user's, and tells of other trouble", async () => {
  const whole = filesIn("/own", "10.0.0.1:8000");
  const env = { MUSTER_DATA: "/own" };
  for (const missing of Object.keys(whole)) {
    const { [missing]: _, ...rest } = whole;
    assertEquals(await localController(ioOf(rest, env)), undefined);
    assertEquals(await localController(ioOf(rest, env, new Deno.errors.PermissionDenied("no"))), undefined);
  }
  await assertRejects(() => localController(ioOf({}, env, new Error("disk"))), Error, "disk");
});
