/**
 * parseArgs(): a command line as an object, and the types that its result gets from the options. The
 * reading itself is in _read_arguments.ts. Where the original's result is `any`, this one is `unknown`:
 * what type-checks here does so there.
 *
 * @module
 */
import { readArguments } from "./_read_arguments.ts";

/** Options of parseArgs(). All names are without hyphens; dots make nested objects. */
export interface ParseOptions {
  /** Puts what follows "--" into a list of its own, instead of behind the positional arguments. */
  "--"?: boolean;
  /** Further names of a flag. */
  alias?: { readonly [name: string]: string | readonly string[] | undefined };
  /** Flags that take no value and are false by default; `true` makes all `--flags` without "=" such. */
  boolean?: boolean | string | readonly string[];
  /** Values of flags that aren't given. */
  default?: { readonly [name: string]: unknown };
  /** Takes everything behind the first positional argument as it is. */
  stopEarly?: boolean;
  /** Flags whose values stay strings, even if they look like numbers; "_" means the positional arguments. */
  string?: string | readonly string[];
  /** Flags that may come several times; their values make a list. */
  collect?: string | readonly string[];
  /** Flags that `--no-name` sets to false. */
  negatable?: string | readonly string[];
  /** Called for what no option speaks of; what it returns false for is left out of the result. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The result: the flags by name, and what belongs to no flag under "_". */
export type Args<
  TArgs extends Record<string, unknown> = Record<string, unknown>,
  TDoubleDash extends boolean | undefined = undefined,
> = TArgs & { _: Array<string | number> } & DoubleDash<TDoubleDash>;

/** Reads arguments; what looks like a number becomes one unless the flag is a string. */
export function parseArgs<const O extends ParseOptions = Record<never, never>>(
  args: readonly string[],
  options?: O & ParseOptions & { [K in Exclude<keyof O, keyof ParseOptions>]: never },
): Args<Flags<O>, O["--"]> {
  return readArguments(args, options ?? {}) as Args<Flags<O>, O["--"]>;
}

type DoubleDash<T> = true extends T ? (false extends T ? { "--"?: string[] } : { "--": string[] }) : unknown;

/** The names that an option gives literally; dotted ones are left to the index signature. */
type Names<O, K extends string> = O extends { readonly [P in K]: infer V }
  ? Plain<V extends readonly (infer N)[] ? N : V extends string ? V : never>
  : never;
type Plain<N> = N extends string ? (string extends N ? never : N extends "_" | `${string}.${string}` ? never : N)
  : never;

type Defaults<O> = O extends { readonly default: infer D } ? D : Record<never, never>;
type Named<O> = Names<O, "string"> | Names<O, "boolean"> | Names<O, "collect">;
type Present<O> = Names<O, "boolean"> | Names<O, "collect"> | Plain<keyof Defaults<O>>;

type Flags<O> =
  & Record<string, unknown>
  & { [N in Present<O> as WithAliases<O, N>]: Value<O, N> | Default<O, N> }
  & { [N in Exclude<Named<O>, Present<O>> as WithAliases<O, N>]?: Value<O, N> };

type WithAliases<O, N extends string> = N | (O extends { readonly alias: infer A } ? Names<A, N> : never);

type Value<O, N> =
  | (N extends Names<O, "collect"> ? One<O, N>[] : One<O, N>)
  | (N extends Names<O, "negatable"> ? false : never);
type One<O, N> = N extends Names<O, "boolean"> ? boolean
  : N extends Names<O, "string"> ? string
  : unknown;

type Default<O, N> = N extends keyof Defaults<O> ? Widened<Defaults<O>[N]> : never;

/** Options are inferred literally for the sake of the names, but a default of 80 means any number. */
type Widened<T> = T extends string ? string
  : T extends number ? number
  : T extends boolean ? boolean
  : T extends readonly (infer I)[] ? Widened<I>[]
  : T;
