/**
 * The controller as the page talks to it: the same client as the command line's, with the page's origin and the session
 * in a cookie that no script sees. Where a credential is wanted and there is none, the page turns into the login.
 * @module
 */
import { signal } from "@preact/signals";
import type { Role } from "../../cluster/token.ts";
import type { SessionView } from "../../wire/api.ts";
import { type Client, connect } from "../../wire/client/client.ts";
import { ApiRefusal, Unreachable } from "../../wire/client/problem_error.ts";
import { denialOf } from "./permission.ts";

const UNAUTHORIZED = 401;

export type Session =
  | { state: "asking" }
  | { state: "signed_out" }
  | { state: "known"; view: SessionView };

export const session = signal<Session>({ state: "asking" });

export const client: Client = connect({
  server: "",
  fetch: async (input, init) => {
    const response = await fetch(input, init);
    if (response.status === UNAUTHORIZED) session.value = { state: "signed_out" };
    return response;
  },
});

/** Finds out who looks at the page; again after a login. */
export async function readSession(signal: AbortSignal): Promise<void> {
  try {
    session.value = { state: "known", view: await client.getSession({}, { signal }) };
  } catch (error) {
    if (error instanceof ApiRefusal && error.problem.status === UNAUTHORIZED) return;
    if (!(error instanceof ApiRefusal || error instanceof Unreachable)) throw error;
    // Whoever it is: the controller itself decides on each call, and the banner tells when it is away.
    session.value = { state: "known", view: { name: null, role: "admin", services: [], expires_at: null } };
  }
}

/** What the controller says against something, or that it can't be reached; whatever else was thrown goes on. */
export function refusalIn(error: unknown): string {
  if (error instanceof ApiRefusal || error instanceof Unreachable) return error.message;
  throw error;
}

/** Why who is signed in may not do something; undefined if they may. */
export function denial(needs: Role, service?: string): string | undefined {
  return session.value.state === "known" ? denialOf(session.value.view, { needs, service }) : undefined;
}
