/**
 * Which runtime runs the tests. Older ones can't do some things that tests, or what they test, count on.
 * @module
 */

/** Whether it is older than Deno 2.8. */
export const isOldRuntime: boolean = (() => {
  const [major = 0, minor = 0] = Deno.version.deno.split(".").map(Number);
  return major < 2 || (major === 2 && minor < 8);
})();
