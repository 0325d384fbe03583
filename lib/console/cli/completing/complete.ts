/**
 * What may come next on a command line: `controller __complete <word>…`, whose last word is the one being typed. It is
 * called by the scripts of `completion` at every press of a key, so it answers soon or not at all, and complains of nothing.
 * A line for each candidate, with a tab before its explanation; `:files` and `:folders` leave it to the shell.
 * @module
 */
import { parseConfig } from "../../../runtime/config.ts";
import type { Flag } from "../../../runtime/flag.ts";
import { flagName } from "../../../runtime/flag_name.ts";
import type { Command, Io, Word, WordKind } from "../command.ts";
import { EXIT } from "../exit_code.ts";
import { type Candidate, liveNames } from "./live_names.ts";

/** With the program's own start this stays below half a second. */
const ANSWER_MS = 400;
/** More than anybody reads. */
const CANDIDATES_MAX = 500;
/** Whatever else a name may hold would have to be quoted, or worse. */
const PLAIN = /^[\w.@%+=:,\/-]+$/;
const SHELLS = ["bash", "zsh", "fish"];

/** A command and the words behind its name that are complete. */
interface Line {
  command: Command;
  before: readonly string[];
}

export async function complete(words: readonly string[], commands: readonly Command[], io: Io): Promise<number> {
  const current = words.at(-1) ?? "";
  const found = await candidates(words.slice(0, -1), current, { commands, io });
  const fitting = found.filter(({ value }) => value.startsWith(":") || value.startsWith(current) && PLAIN.test(value));
  const lines = fitting.slice(0, CANDIDATES_MAX).map(({ value, help = "" }) =>
    `${value}\t${help.replace(/\s/g, " ")}\n`
  );
  await io.out.write(lines.join(""));
  return EXIT.fine;
}

async function candidates(
  before: readonly string[],
  current: string,
  { commands, io }: { commands: readonly Command[]; io: Io },
): Promise<Candidate[]> {
  const [first, ...rest] = before;
  if (first === undefined) return firstWords(commands);
  if (first === "help") return rest.length < 2 ? await candidates(rest, current, { commands, io }) : [];
  const line = lineOf(before, commands);
  if (line === undefined) return before.length === 1 ? secondWords(first, commands) : [];
  const awaiting = flagAwaiting(line.before.at(-1), line.command);
  if (awaiting !== undefined) {
    return await valuesOf(awaiting, { line: { ...line, before: line.before.slice(0, -1) }, io });
  }
  const [, name] = /^(--[\w-]+)=/.exec(current) ?? [];
  if (name !== undefined) {
    const flag = flagAwaiting(name, line.command);
    const values = flag === undefined ? [] : await valuesOf(flag, { line, io });
    return values.map((each) => each.value.startsWith(":") ? each : { ...each, value: `${name}=${each.value}` });
  }
  if (current.startsWith("-")) return flagsOf(line.command);
  const kind = wordAt(line)?.kind;
  return kind === undefined ? [] : await ofKind(kind, { line, commands, io });
}

/** The command that the line begins with: a name of two words before one of one. */
function lineOf(before: readonly string[], commands: readonly Command[]): Line | undefined {
  for (const length of [2, 1]) {
    const name = before.slice(0, length).join(" ");
    const command = commands.find((command) => command.name === name);
    if (command !== undefined) return { command, before: before.slice(length) };
  }
  return undefined;
}

function firstWords(commands: readonly Command[]): Candidate[] {
  const found = new Map<string, Candidate>();
  for (const { name, summary } of commands) {
    const [word = name, second] = name.split(" ");
    if (!found.has(word)) found.set(word, { value: word, ...(second === undefined && { help: summary }) });
  }
  return [...found.values(), { value: "serve", help: "start the controller" }, { value: "help", help: "all commands" }];
}

function secondWords(first: string, commands: readonly Command[]): Candidate[] {
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  return group.map(({ name, summary }) => ({ value: name.split(" ")[1] ?? "", help: summary }));
}

/** `--name` and what it does; what is on anyway can be turned off. */
function flagsOf({ flags }: Command): Candidate[] {
  return [
    ...Object.entries(flags).map(([key, { about, absent }]) => ({
      value: absent === true ? `--no-${flagName(key)}` : `--${flagName(key)}`,
      help: about.help,
    })),
    { value: "--help", help: "Show this page" },
  ];
}

interface Named {
  key: string;
  flag: Flag<unknown>;
}

/** The flag that the word is, if it needs a value. */
function flagAwaiting(word: string | undefined, { flags }: Command): Named | undefined {
  const [, name] = /^--?([\w-]+)$/.exec(word ?? "") ?? [];
  if (name === undefined) return undefined;
  const found = Object.entries(flags).find(([key, { about }]) => flagName(key) === name || about.short === name);
  if (found === undefined || found[1].shape === "switch") return undefined;
  return { key: found[0], flag: found[1] };
}

async function valuesOf({ key, flag }: Named, { line, io }: { line: Line; io: Io }): Promise<Candidate[]> {
  const { placeholder } = flag;
  if (!placeholder.includes("<")) return placeholder.split("|").map((value) => ({ value }));
  const kind = key === "context" ? "context" : KINDS.get(placeholder);
  return kind === undefined ? [] : await ofKind(kind, { line, commands: [], io });
}

const KINDS: ReadonlyMap<string, WordKind> = new Map<string, WordKind>([
  ["<file>", "file"],
  ["<path>", "file"],
  ["<folder>", "folder"],
  ["<service>", "service"],
  ["<pattern>", "service"],
  ["<node>", "node"],
]);

/** The word that comes next, by how many there are already. */
function wordAt({ command, before }: Line): Word | undefined {
  const { words = [] } = command;
  let count = 0;
  for (const [at, word] of before.entries()) {
    const isValue = flagAwaiting(before[at - 1], command) !== undefined;
    if (!word.startsWith("-") && !isValue) count += 1;
  }
  const last = words.at(-1);
  return words[count] ?? (last?.many ? last : undefined);
}

async function ofKind(
  kind: WordKind,
  { line, commands, io }: { line: Line; commands: readonly Command[]; io: Io },
): Promise<Candidate[]> {
  if (kind === "file") return [{ value: ":files" }];
  if (kind === "folder") return [{ value: ":folders" }];
  if (kind === "shell") return SHELLS.map((value) => ({ value }));
  if (kind === "command") return firstWords(commands);
  if (kind === "text") return [];
  const { command: { flags, name, summary }, before } = line;
  const program = { name, summary, flags, positionalsMax: Number.MAX_SAFE_INTEGER };
  const said = await parseConfig(program, { args: before, env: io.env, readFile: io.readFile });
  if (said.kind !== "config") return [];
  const signal = AbortSignal.any([io.signal, AbortSignal.timeout(ANSWER_MS)]);
  return await liveNames(kind, said.config, { io, signal });
}
