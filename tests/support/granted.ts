/**
 * Whether this test run may do real I/O. Bare `deno test` grants nothing: tests that need the world are then ignored
 * instead of failing, and the last line of the run names the task that runs them.
 * @module
 */

/** True when files, processes, the network and the environment may all be used. */
export const granted: boolean = (["read", "write", "net", "run", "env", "sys", "ffi"] as const).every(
  (name) => Deno.permissions.querySync({ name }).state === "granted",
);

/** For a test that reads YAML: the package asks for a variable of the environment. */
export const whenGranted = { ignore: !granted };
