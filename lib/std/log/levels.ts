/**
 * The levels of a log, by name and by number. Loggers and handlers drop what is below their own.
 *
 * @module
 */

/** The levels and their numbers; the gaps are room for comparison, not for further levels. */
export const LogLevels = {
  NOTSET: 0,
  DEBUG: 10,
  INFO: 20,
  WARN: 30,
  ERROR: 40,
  CRITICAL: 50,
} as const;

/** A level by its name. */
export type LevelName = keyof typeof LogLevels;

/** A level by its number. */
export type LogLevel = typeof LogLevels[LevelName];

/** All the names, from the lowest level to the highest. */
export const LogLevelNames: LevelName[] = Object.keys(LogLevels).filter(isLevelName);

/** The number of a level. Throws for an unknown name. */
export function getLevelByName(name: LevelName): LogLevel {
  if (isLevelName(name)) return LogLevels[name];
  throw new Error(`Cannot get log level: no level named ${name}`);
}

/** The name of a level. Throws for an unknown number. */
export function getLevelName(level: LogLevel): LevelName {
  const name = LogLevelNames.find((it) => LogLevels[it] === level);
  if (name !== undefined) return name;
  throw new Error(`Cannot get log level: no name for level: ${level}`);
}

function isLevelName(name: string): name is LevelName {
  return Object.hasOwn(LogLevels, name);
}
