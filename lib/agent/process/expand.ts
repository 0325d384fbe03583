/**
 * Puts a replica's variables into the texts of its spec: `${NAME}` becomes the variable's value, `$${` a plain `${`.
 * No shell has a part in it, and what was put in is not looked at again.
 * @module
 */

export type Expansion = { kind: "expanded"; text: string } | { kind: "refused"; reason: string };

/** A plain `${`, a reference, or what begins like one and is none. */
const REFERENCE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)\}|\$\{/g;
/** What is put into one text: variables may be made of variables, so a short text could become a very long one. */
const EXPANDED_MAX = 1_048_576;
/** Of what is no reference, so much is shown. */
const SHOWN_MAX = 20;

/** The text with the values of the variables that it names. */
export function expand(text: string, variables: Readonly<Record<string, string>>): Expansion {
  let reason: string | undefined;
  let length = text.length;
  const expanded = text.replace(REFERENCE, (found: string, name: string | undefined, at: number) => {
    if (found === "$${") return "${";
    if (name === undefined) {
      reason ??= `"${shown(text.slice(at))}" names no variable: write \${NAME}, or $\${ for a plain \${`;
    } else if (!Object.hasOwn(variables, name)) {
      reason ??= `there is no variable ${name}; write $\${${name}} for a plain \${${name}}`;
    }
    if (reason !== undefined) return "";
    const value = variables[name ?? ""] ?? "";
    length += value.length;
    if (length > EXPANDED_MAX) reason = `it would be longer than ${EXPANDED_MAX} characters`;
    return value;
  });
  return reason === undefined ? { kind: "expanded", text: expanded } : { kind: "refused", reason };
}

function shown(text: string): string {
  const [line = ""] = text.split("\n");
  return line.length > SHOWN_MAX ? `${line.slice(0, SHOWN_MAX)}…` : line;
}
