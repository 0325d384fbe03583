/**
 * A terminal for tests: tmux, in which a shell runs and keys are typed. What stands on its screen is read back as text.
 * Disposing of it ends the shell and all that runs in it.
 * @module
 */
import { until } from "../../scripts/local_program.ts";

export interface Size {
  columns: number;
  lines: number;
}

export interface Terminal extends AsyncDisposable {
  /** Types a line and Enter. */
  type(line: string): Promise<void>;
  /** Presses a key by its name: `C-c`. */
  press(key: string): Promise<void>;
  resize(size: Size): Promise<void>;
  /** The lines on the screen, or with all that was scrolled away; a line that ran on is one. */
  screen(options?: { all?: boolean; colours?: boolean }): Promise<string[]>;
  /** Whether the other screen is shown, and the cursor. */
  state(): Promise<{ alternate: boolean; cursor: boolean }>;
  /** Waits until what is on the screen is as wanted, and gives it. */
  until(what: string, check: (screen: string) => boolean, options?: { all?: boolean }): Promise<string>;
}

const SHOWN_WITHIN_MS = 20_000;
const HISTORY_LINES = 5_000;
let opened = 0;

/** Opens a terminal with a shell. */
export async function openTerminal({ columns, lines }: Size, env: Record<string, string>): Promise<Terminal> {
  const socket = `muster-test-${Deno.pid}-${opened++}`;
  const tmux = async (...args: string[]): Promise<string> => {
    const command = new Deno.Command("tmux", {
      args: ["-L", socket, "-f", "/dev/null", ...args],
      env: { LC_ALL: "C.UTF-8" },
    });
    const { success, stdout, stderr } = await command.output();
    if (!success) throw new Error(`tmux ${args[0]} failed: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout);
  };
  const variables = Object.entries({ ENV: "", NO_COLOR: "", ...env }).flatMap((
    [name, value],
  ) => ["-e", `${name}=${value}`]);
  const size = (given: Size) => ["-x", String(given.columns), "-y", String(given.lines)];
  await tmux(
    ...["set-option", "-g", "history-limit", String(HISTORY_LINES), ";"],
    ...["set-option", "-g", "status", "off", ";"],
    ...["new-session", "-d", "-s", "test", ...size({ columns, lines }), ...variables, "sh"],
  );
  const screen: Terminal["screen"] = async ({ all = false, colours = false } = {}) => {
    const text = await tmux("capture-pane", "-p", "-J", ...(all ? ["-S", "-"] : []), ...(colours ? ["-e"] : []));
    return text.trimEnd().split("\n").map((line) => line.trimEnd());
  };
  return {
    type: async (line) => {
      await tmux("send-keys", "-l", line);
      await tmux("send-keys", "Enter");
    },
    press: async (key) => void await tmux("send-keys", key),
    resize: async (given) => void await tmux("resize-window", "-t", "test", ...size(given)),
    screen,
    state: async () => {
      const [alternate, cursor] = (await tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}")).trim().split(
        " ",
      );
      return { alternate: alternate === "1", cursor: cursor === "1" };
    },
    until: async (what, check, options = {}) => {
      let seen = "";
      return await until(async () => {
        seen = (await screen(options)).join("\n");
        return check(seen) && seen;
      }, { withinMs: SHOWN_WITHIN_MS, what: () => `${what} on the screen, which shows:\n${seen}` });
    },
    [Symbol.asyncDispose]: async () => void await tmux("kill-server"),
  };
}
