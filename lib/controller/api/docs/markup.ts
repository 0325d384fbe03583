/**
 * HTML out of text: what is put into a template is escaped, unless it is HTML itself.
 * @module
 */

/** A piece of a page that is safe as it is. */
export interface Markup {
  readonly html: string;
}

type Part = Markup | string | number | undefined | readonly Markup[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function markup(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { html: strings.map((text, at) => (at === 0 ? text : `${textOf(parts[at - 1])}${text}`)).join("") };
}

/** A text in which code stands between backticks. */
export function prose(text: string): Markup {
  const parts = text.split("`").map((part, at) => (at % 2 === 1 ? markup`<code>${part}</code>` : markup`${part}`));
  return markup`${parts}`;
}

function textOf(part: Part): string {
  if (part === undefined) return "";
  if (typeof part === "string" || typeof part === "number") {
    return String(part).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
  }
  return "html" in part ? part.html : part.map((one) => one.html).join("");
}
