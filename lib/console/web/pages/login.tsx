/**
 * The login: a token is shown to the controller once, which gives the browser a cookie that no script reads. The token
 * itself is kept nowhere.
 * @module
 */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { connect } from "../../../wire/client/client.ts";
import { ApiRefusal } from "../../../wire/client/problem_error.ts";
import { refusalIn, session } from "../api.ts";
import { CommandHint } from "../components/command_hint.tsx";
import { Refusal } from "../components/refusal.tsx";

export function LoginPage() {
  const field = useRef<HTMLInputElement>(null);
  const refusal = useSignal("");
  const busy = useSignal(false);
  useEffect(() => {
    document.title = "Sign in · Muster";
    field.current?.focus();
  }, []);
  const submit = async (event: Event) => {
    event.preventDefault();
    const token = field.current?.value.trim() ?? "";
    if (busy.value || token === "") return;
    busy.value = true;
    refusal.value = await signIn(token) ?? "";
    busy.value = false;
  };
  return (
    <main id="main" class="login" tabIndex={-1}>
      <form class="card" onSubmit={submit}>
        <h1>Sign in to Muster</h1>
        <label>
          Token
          <input ref={field} type="password" autocomplete="current-password" spellcheck={false} required />
        </label>
        <Refusal text={refusal.value} />
        <button type="submit" class="primary" aria-disabled={busy.value}>Sign in</button>
        <p class="faint">An administrator makes tokens on the page Tokens, or in a terminal:</p>
        <CommandHint command="controller token create --name ada --role operator" lead="" />
      </form>
    </main>
  );
}

/** Begins a session; gives what is wrong otherwise. */
async function signIn(token: string): Promise<string | undefined> {
  // Headers carry nothing else, and no token has it.
  if (!/^[\x21-\x7e]+$/.test(token)) {
    return "That is no token: it has letters, digits and a few signs only, and no spaces.";
  }
  try {
    const view = await connect({ server: "", token }).beginSession({}, { signal: new AbortController().signal });
    session.value = { state: "known", view };
    return undefined;
  } catch (error) {
    if (error instanceof ApiRefusal && error.problem.status === 401) return "This token does not count here.";
    return refusalIn(error);
  }
}
