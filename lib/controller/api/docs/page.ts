/**
 * `/docs`: the API as a page, made of the same document as `/openapi.json`. It asks nobody for anything: its style and
 * its script come from here, and it is read as well without the script.
 * @module
 */
import type { OpenApiDocument } from "../openapi/document.ts";
import { type Markup, markup, prose } from "./markup.ts";
import { methodView, operationView, type Shown } from "./operation_view.ts";
import { fieldsView } from "./schema_view.ts";

const VERSION_PREFIX = "/v1";

interface Chapter {
  name: string;
  description: string;
  operations: Shown[];
}

/** The whole page, for a controller that is reached there. */
export function docsPage(document: OpenApiDocument, origin: string): string {
  const { info, tags, components: { schemas } } = document;
  const chapters = tags.map((tag): Chapter => ({ ...tag, operations: operationsOf(document, tag.name) }))
    .filter(({ operations }) => operations.length > 0);
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Muster API</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/docs.css">
<script src="/docs/docs.js" defer></script></head><body>
<a class="skip" href="#about">Skip to the text</a>
<nav aria-label="Operations"><p class="title"><a href="#about">Muster API</a> <small>${info.version}</small></p>
<input id="search" type="search" placeholder="Search  /" aria-label="Search operations" autocomplete="off">
${chapters.map(({ name, operations }) => groupView(name, { open: true, items: operations.map(linkView) }))}
${groupView("Schemas", { open: false, items: Object.keys(schemas).map(schemaLinkView) })}
</nav><main>
${aboutView(String(info.description ?? ""))}
${chapters.map((chapter) => chapterView(chapter, (shown) => operationView(shown, { document, origin })))}
<section class="chapter" id="schemas"><h2>Schemas</h2><p>What is used in more than one place.</p>
${
    Object.entries(schemas).map(([name, schema]) =>
      markup`<section class="schema" id="schema-${name}"><h3><a href="#schema-${name}">${name}</a></h3>
${fieldsView(schema, schemas)}</section>`
    )
  }</section>
</main></body></html>
`;
  return page.html;
}

function operationsOf({ paths }: OpenApiDocument, tag: string): Shown[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, { tags }]) => tags.includes(tag))
      .map(([method, operation]) => ({ method: method.toUpperCase(), path, operation }))
  );
}

function groupView(title: string, { open, items }: { open: boolean; items: readonly Markup[] }): Markup {
  return markup`<details${open ? markup` open` : markup``}><summary>${title}</summary><ul>${items}</ul></details>
`;
}

function linkView({ method, path, operation: { operationId: id, summary } }: Shown): Markup {
  const short = path.startsWith(`${VERSION_PREFIX}/`) ? path.slice(VERSION_PREFIX.length) : path;
  return markup`<li><a href="#${id}" title="${summary}">${methodView(method)}<span>${short}</span></a></li>`;
}

function schemaLinkView(name: string): Markup {
  return markup`<li><a href="#schema-${name}">${name}</a></li>`;
}

function chapterView({ name, description, operations }: Chapter, view: (shown: Shown) => Markup): Markup {
  return markup`<section class="chapter" id="chapter-${name}"><h2>${name}</h2><p>${description}</p>
${operations.map(view)}</section>`;
}

function aboutView(text: string): Markup {
  const paragraphs = text.split("\n\n").map((paragraph) => markup`<p>${prose(paragraph)}</p>`);
  return markup`<header id="about"><h1>Muster API</h1>${paragraphs}
<p>The same for programs: <a href="/openapi.json">OpenAPI 3.1</a>.
What a spec may say, for editors: <a href="/schema/service.json">JSON Schema</a>.</p>
<form class="token"><label>Token for “Try it”
<input id="token" type="password" autocomplete="off" placeholder="only if one is asked for"></label>
It is kept in this page alone.</form></header>`;
}
