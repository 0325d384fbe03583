/**
 * `deno task bench [name]...`: runs the benches one after the other, each in a process of its own, and prints what they
 * measured. Nothing else should run on the machine meanwhile.
 * @module
 */

/** What users wait for comes first. Whole programs are run; single functions are left to `deno bench`. */
const BENCHES: Record<string, "run" | "bench"> = {
  supervision: "run",
  proxy: "run",
  tunnel: "run",
  ingress: "run",
  secure: "run",
  renewal: "run",
  binaries: "run",
  dashboard: "run",
  core: "run",
  planning: "run",
  apply: "run",
  update: "run",
  store: "bench",
  agent_http: "bench",
};

if (import.meta.main) {
  const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(BENCHES);
  const unknown = wanted.filter((name) => BENCHES[name] === undefined);
  if (unknown.length > 0) {
    console.error(`Cannot run ${unknown.join(", ")}: the benches are ${Object.keys(BENCHES).join(", ")}`);
    Deno.exit(2);
  }
  let failed = false;
  for (const name of wanted) {
    console.log(`\n── ${name} ──`);
    const file = new URL(`${name}_bench.ts`, import.meta.url).href;
    const { success } = await new Deno.Command(Deno.execPath(), { args: [BENCHES[name]!, "-A", file] }).spawn().status;
    failed ||= !success;
  }
  if (failed) Deno.exit(1);
}
