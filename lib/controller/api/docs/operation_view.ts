/**
 * An operation on the page: what it is, what it takes and answers, and beside that how to ask for it.
 * @module
 */
import { stringify } from "yaml";
import type { CallName } from "../../../wire/contract/calls.ts";
import type { OpenApiDocument } from "../openapi/document.ts";
import type { AnswerObject, MediaObject, OperationObject, ParameterObject } from "../openapi/operation_object.ts";
import { COMMANDS } from "./commands.ts";
import { curlOf, YAML_FILE, YAML_MEDIA_TYPE } from "./curl.ts";
import { type Markup, markup, prose } from "./markup.ts";
import { fieldsView, typeView } from "./schema_view.ts";

/** What would fill the screen in every example; it is shown once, with its schema. */
const ABBREVIATED = "spec";
const ABBREVIATION = "{ … }";

export interface Shown {
  method: string;
  path: string;
  operation: OperationObject;
}

interface Around {
  document: OpenApiDocument;
  /** Where the controller is. */
  origin: string;
}

type Answers = readonly (readonly [string, AnswerObject])[];

export function operationView(shown: Shown, { document, origin }: Around): Markup {
  const { method, path, operation: { operationId: id, summary, description, parameters, responses } } = shown;
  const answers = Object.entries(responses).filter((entry): entry is [string, AnswerObject] =>
    "description" in entry[1]
  );
  const words = `${method} ${path} ${id} ${summary}`.toLowerCase();
  return markup`<section class="operation" id="${id}" data-words="${words}"><div class="told">
<h3><a href="#${id}">${summary}</a></h3>
<p class="line">${methodView(method)} <code>${path}</code></p>
<p>${prose(description)}</p>
${parameters.length === 0 ? [] : listView("Parameters", parameters.map(parameterView))}
${bodyView(shown, document)}
<h4>Answer</h4>${answers.map(([status, answer]) => answerView(status, { answer, document }))}
</div><div class="shown">
${exampleView("curl", curlOf(shown, origin))}${fileView(shown)}${commandView(id)}${sampleView(answers)}
${tryView(shown, answers)}
</div></section>
`;
}

export function methodView(method: string): Markup {
  return markup`<span class="method ${method.toLowerCase()}">${method}</span>`;
}

function listView(title: string, items: readonly Markup[]): Markup {
  return markup`<h4>${title}</h4><ul class="fields">${items}</ul>`;
}

function parameterView({ name, in: place, description, schema }: ParameterObject): Markup {
  const where = place === "path" ? "in the path" : place === "query" ? "in the query" : "a header";
  return markup`<li><code class="field">${name}</code> <span class="type">${typeView(schema)}</span>
<span class="optional">${where}</span><p>${description}</p></li>`;
}

function bodyView({ operation: { requestBody } }: Shown, { components }: OpenApiDocument): Markup {
  const [first] = Object.values(requestBody?.content ?? {});
  if (requestBody === undefined || first === undefined) return markup``;
  const types = Object.keys(requestBody.content).join(" or ");
  const note = requestBody.required ? types : `${types}; it may be left out`;
  return markup`<h4>Body <small>${note}</small></h4>${fieldsView(first.schema, components.schemas)}`;
}

function answerView(
  status: string,
  { answer: { description, content = {} }, document }: { answer: AnswerObject; document: OpenApiDocument },
): Markup {
  const { schemas } = document.components;
  const bodies = Object.entries(content).map(([type, { schema }]) =>
    markup`<p><span class="type">${typeView(schema)}</span> <small>${type}</small></p>
<details><summary>Its fields</summary>${fieldsView(schema, schemas)}</details>`
  );
  return markup`<div class="answer"><p><code>${status}</code> ${prose(description)}</p>${bodies}</div>`;
}

/** The likeliest answer: a rehearsal's comes before it. */
function sampleView(answers: Answers): Markup {
  const [status, { content = {} }] = answers.findLast(([, answer]) => answer.content !== undefined) ?? ["", {}];
  const found = Object.values(content).find(({ example }: MediaObject) => example !== undefined);
  return found === undefined ? markup`` : exampleView(`Answer ${status}`, jsonText(found.example));
}

function jsonText(value: unknown): string {
  const text = JSON.stringify(value, (key, inner) => (key === ABBREVIATED ? ABBREVIATION : inner), 2);
  return text.replaceAll(JSON.stringify(ABBREVIATION), ABBREVIATION);
}

/** The file that the line for curl sends. */
function fileView({ operation: { requestBody } }: Shown): Markup {
  const yaml = requestBody?.content[YAML_MEDIA_TYPE];
  return yaml === undefined ? markup`` : exampleView(YAML_FILE, stringify(yaml.example));
}

function commandView(id: string): Markup {
  // Operations are called as in the contract; no type of a document says so.
  const command = COMMANDS[id as CallName];
  return command === undefined ? markup`` : exampleView("Command line", command);
}

function exampleView(title: string, text: string): Markup {
  return markup`<figure><figcaption>${title}
<button type="button" class="copy" aria-label="Copy: ${title}">Copy</button></figcaption>
<pre tabindex="0"><code>${text}</code></pre></figure>`;
}

/** A form that sends a read; what goes on and on is for curl. */
function tryView({ method, path, operation: { parameters } }: Shown, answers: Answers): Markup {
  const [type = ""] = answers.flatMap(([, { content = {} }]) => Object.keys(content));
  if (method !== "GET" || /ndjson|event-stream/.test(type)) return markup``;
  const fields = parameters.filter((parameter) => parameter.in !== "header").map(({ name, in: place, description }) =>
    markup`<label title="${description}"><code>${name}</code>
<input name="${name}" data-in="${place}" autocomplete="off"${place === "path" ? markup` required` : markup``}></label>`
  );
  return markup`<form class="try" data-path="${path}">${fields}<button>Try it</button>
<pre class="result" tabindex="0" aria-live="polite" hidden></pre></form>`;
}
