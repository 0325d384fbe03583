/**
 * One name in three spellings: `healthIntervalMs` in the code, `--health-interval` on the command line (and in the file),
 * `MUSTER_HEALTH_INTERVAL` in the environment. The unit is part of the code's name only: the operator writes it in the
 * value.
 * @module
 */

/** Units that a name in the code ends with. */
const UNIT = /(Ms|Mib)$/;

/** The flag's name without dashes in front. */
export function flagName(key: string): string {
  return key.replace(UNIT, "").replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The variables in the environment that give a flag's value, the first that is there counting. */
export function envNames(key: string, { alsoEnv, noEnv }: { alsoEnv?: string; noEnv?: true } = {}): string[] {
  const own = `MUSTER_${flagName(key).replaceAll("-", "_").toUpperCase()}`;
  return [...(noEnv ? [] : [own]), ...(alsoEnv === undefined ? [] : [alsoEnv])];
}
