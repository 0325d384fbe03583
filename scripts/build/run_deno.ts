/**
 * Deno as a tool: bundling and compiling are runs of it, with the project as their working directory and what they say
 * at hand. The build of the binaries and that of the dashboard both go through here.
 * @module
 */

export interface Toolchain {
  /** The Deno that bundles and compiles. */
  deno: string;
  /** The folder that the sources are in. */
  project: string;
}

/** A step that failed, with what the operator may do about it. */
export class BuildError extends Error {}

/** How a run of Deno ended, and all that it said. */
export interface DenoRun {
  success: boolean;
  text: string;
}

export async function runDeno(
  args: string[],
  { deno, project }: Toolchain,
  further: Record<string, string> = {},
): Promise<DenoRun> {
  const env = {
    ...further,
    NO_COLOR: "1",
    // A network with a certificate authority of its own is reached by what the system trusts.
    DENO_TLS_CA_STORE: Deno.env.get("DENO_TLS_CA_STORE") ?? "mozilla,system",
  };
  try {
    const output = await new Deno.Command(deno, { args, env, cwd: project, stdin: "null" }).output();
    const decoder = new TextDecoder();
    return { success: output.success, text: decoder.decode(output.stderr) + decoder.decode(output.stdout) };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new BuildError(`Cannot start ${deno}: there is no such program; give the path of a Deno with --deno`, {
      cause,
    });
  }
}

/** What to do about a bundle that failed because of packages that could not be fetched. */
export function bundleAdvice(text: string): string {
  return /esbuild|registry|error sending request/.test(text)
    ? "deno bundle fetches packages from the npm registry; when that is only reached by a mirror, name it in .npmrc.\n"
    : "";
}
