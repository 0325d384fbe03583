/**
 * From flags to a typed config, for every program and command. Each value is looked for in the command line, then the
 * environment, then the file of `--config-file`, then the table's default; the first that has it counts. Nothing is
 * printed and nothing exits here: the entry file does what the result says.
 * @module
 */
import { readArgs } from "./args.ts";
import { type FlagTable, text, type ValuesOf } from "./flag.ts";
import { envNames, flagName } from "./flag_name.ts";
import { helpText, pageColumns } from "./terminal/help_text.ts";
import { printableLine } from "./sanitize.ts";

/** A program or command: its table of flags and what its help says. */
export interface Program<F extends FlagTable> {
  name: string;
  summary: string;
  /** What follows the name in the help's usage line, `[flags]` unless said otherwise. */
  usage?: string;
  flags: F;
  /** How many words that are no flags it takes, 0 unless said otherwise. */
  positionalsMax?: number;
  /** Whether it takes `--config-file`; daemons do. */
  configFile?: "yaml" | "none";
}

/** Where the values come from. */
export interface ConfigSources {
  args: readonly string[];
  env: { get(name: string): string | undefined };
  readFile(path: string): Promise<string>;
}

/** What came of it. On `usage_error` the program prints the message and exits with 2. */
export type ConfigResult<F extends FlagTable> =
  | { kind: "config"; config: ValuesOf<F>; positionals: readonly string[] }
  /** The page for a terminal of so many columns, or for what is none. */
  | { kind: "help"; page: (terminalColumns?: number) => string }
  | { kind: "version" }
  | { kind: "usage_error"; message: string };

/** The texts that a source has for a flag, and how a message calls the place. */
interface Given {
  texts: readonly string[];
  place: string;
}

type Source = (key: string) => Given | undefined;

/** Reads and checks all flags of a program. */
export async function parseConfig<F extends FlagTable>(
  program: Program<F>,
  { args, env, readFile }: ConfigSources,
): Promise<ConfigResult<F>> {
  const flags = withConfigFile(program);
  const usageError = (what: string) =>
    ({ kind: "usage_error", message: `${printableLine(what)}\nSee "${program.name} --help".` }) as const;

  const parsed = readArgs(args, flags);
  if (parsed.kind === "help") {
    return {
      kind: "help",
      page: (columns) => helpText(program, flags, { columns: pageColumns(columns) }),
    };
  }
  if (parsed.kind === "version") return parsed;
  if (parsed.kind === "usage_error") return usageError(parsed.message);
  const surplus = parsed.positionals[program.positionalsMax ?? 0];
  if (surplus !== undefined) return usageError(`Unexpected argument "${surplus}": a flag begins with --`);

  const sources = [fromArgs(parsed.texts), fromEnv(env, flags)];
  const path = program.configFile === "yaml" ? firstGiven(sources, CONFIG_FILE_KEY)?.texts.at(-1) : undefined;
  if (path !== undefined) {
    const file = await fromFile(path, { flags: program.flags, readFile });
    if (file.kind === "problem") return usageError(file.message);
    sources.push(file.source);
  }
  const read = readValues(program.flags, sources);
  if (read.kind === "problem") return usageError(read.message);
  return { kind: "config", config: read.values, positionals: parsed.positionals };
}

const CONFIG_FILE_KEY = "configFile";

function withConfigFile({ flags, configFile }: Program<FlagTable>): FlagTable {
  if (configFile !== "yaml") return flags;
  const help = "YAML file with values for these flags, by their names";
  return { ...flags, [CONFIG_FILE_KEY]: text({ help, placeholder: "<file>", group: "Configuration" }) };
}

function fromArgs(texts: ReadonlyMap<string, readonly string[]>): Source {
  return (key) => {
    const given = texts.get(key);
    return given && { texts: given, place: `--${flagName(key)}` };
  };
}

/** An empty variable counts as none: that is how a unit file or a shell takes one back. */
function fromEnv(env: ConfigSources["env"], flags: FlagTable): Source {
  return (key) => {
    const flag = flags[key];
    for (const name of envNames(key, flag?.about)) {
      const value = env.get(name);
      if (!value) continue;
      const texts = flag?.shape === "list" ? value.split(",").map((part) => part.trim()).filter(Boolean) : [value];
      return { texts, place: name };
    }
    return undefined;
  };
}

type FileSource = { kind: "source"; source: Source } | { kind: "problem"; message: string };

async function fromFile(
  path: string,
  { flags, readFile }: { flags: FlagTable; readFile: ConfigSources["readFile"] },
): Promise<FileSource> {
  let content: string;
  try {
    content = await readFile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: "problem", message: `Cannot read the config file ${path}: ${error.message}` };
  }
  const { readConfigFile } = await import("./config_file.ts");
  const result = readConfigFile(content, flags);
  if (result.kind === "problem") return { kind: "problem", message: `Cannot use ${path}: ${result.message}` };
  const source: Source = (key) => {
    const value = result.values.get(key);
    return value && { texts: value.texts, place: `"${flagName(key)}" in ${path}, line ${value.line}` };
  };
  return { kind: "source", source };
}

type Values<F extends FlagTable> = { kind: "values"; values: ValuesOf<F> } | { kind: "problem"; message: string };

function readValues<F extends FlagTable>(flags: F, sources: readonly Source[]): Values<F> {
  const values: Record<string, unknown> = {};
  for (const [key, flag] of Object.entries(flags)) {
    const given = firstGiven(sources, key);
    if (given === undefined) {
      values[key] = flag.absent;
      continue;
    }
    if (flag.shape !== "list" && given.texts.length > 1) {
      return { kind: "problem", message: `Cannot read ${given.place}: expected one value, found a list` };
    }
    const reading = flag.read(given.texts);
    if (!reading.ok) {
      const { expected, found } = reading;
      return { kind: "problem", message: `Cannot read ${given.place}: expected ${expected}, found "${found}"` };
    }
    values[key] = reading.value;
  }
  return { kind: "values", values: values as ValuesOf<F> };
}

function firstGiven(sources: readonly Source[], key: string): Given | undefined {
  for (const source of sources) {
    const given = source(key);
    if (given !== undefined) return given;
  }
  return undefined;
}
