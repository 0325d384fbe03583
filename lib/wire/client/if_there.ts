/**
 * Asking for something that may not be there, where that is no failure.
 * @module
 */
import { ApiRefusal } from "./problem_error.ts";

/** What was asked for; undefined where the controller says that there is no such thing. */
export async function ifThere<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ApiRefusal && error.problem.status === 404) return undefined;
    throw error;
  }
}
