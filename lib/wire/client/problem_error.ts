/**
 * How a call to the controller fails: it said no, or nothing that a controller says came back. Without schemas, so that a
 * page in a browser can use it.
 * @module
 */
import type { Problem } from "../problem.ts";

/** The controller's answer was no. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";

  constructor(readonly problem: Problem) {
    const { detail: whole, errors = [] } = problem;
    // A single fault is mostly told by the whole already.
    const isTold = errors.length === 1 && errors.every(({ detail }) => whole.includes(detail));
    const faults = isTold ? [] : errors.map(({ pointer, detail }) => `\n  ${pointer || "/"}: ${detail}`);
    super(`${whole}${faults.join("")}`);
  }
}

/** There was no answer, or none that a controller gives. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

/** The problem in a refusal's body; undefined when it is no controller's. */
export function problemIn(text: string): Problem | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
  return isProblem(value) ? value : undefined;
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== "object" || value === null) return false;
  const { type, title, status, detail, errors } = value as Partial<Record<keyof Problem, unknown>>;
  return [type, title, detail].every((text) => typeof text === "string") && typeof status === "number" &&
    (errors === undefined || Array.isArray(errors) && errors.every(isFault));
}

function isFault(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { pointer, detail } = value as { pointer?: unknown; detail?: unknown };
  return typeof pointer === "string" && typeof detail === "string";
}
