/**
 * How `/docs` looks: by day and by night, on wide screens and narrow ones.
 * @module
 */

export const DOCS_CSS = `
:root { color-scheme: light dark; --ink: light-dark(#1c2430, #dbe2ea); --soft: light-dark(#586474, #97a3b2);
  --paper: light-dark(#ffffff, #10151b); --panel: light-dark(#f4f6f9, #182029); --edge: light-dark(#dfe4ea, #2b3541);
  --link: light-dark(#0b5fc0, #6cb2ff); --get: light-dark(#1a6f3c, #63cf8e); --post: light-dark(#0b5fc0, #6cb2ff);
  --put: light-dark(#8a5300, #e8b25a); --delete: light-dark(#b3261e, #ff8f86);
  --mono: ui-monospace, "SF Mono", "Cascadia Code", "DejaVu Sans Mono", Menlo, Consolas, monospace; }
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; }
body { margin: 0; display: grid; grid-template-columns: 19rem minmax(0, 1fr); background: var(--paper); color: var(--ink);
  font: 16px/1.6 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--link); text-decoration: none; }
a:hover, main p a, main .type a { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
code, pre { font-family: var(--mono); font-size: .8125rem; }
small { color: var(--soft); font-weight: 400; font-size: .8125rem; }
.skip { position: absolute; left: -100rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem; z-index: 1; }

nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1.25rem 1rem 3rem; background: var(--panel);
  border-right: 1px solid var(--edge); font-size: .875rem; }
nav .title { margin: 0 0 .75rem; font-weight: 650; font-size: 1.0625rem; }
nav .title a { color: var(--ink); }
nav summary { cursor: pointer; font-weight: 600; padding: .375rem 0; }
nav ul { list-style: none; margin: 0 0 .5rem; padding: 0; }
nav li a { display: flex; gap: .5rem; align-items: baseline; padding: .1875rem .375rem; border-radius: .25rem; color: var(--soft);
  font-family: var(--mono); font-size: .75rem; overflow-wrap: anywhere; }
nav li a:hover, nav li a[aria-current] { color: var(--ink); background: var(--edge); text-decoration: none; }
nav .method { width: 3.75em; flex: none; font-size: .6875rem; }
input { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: .375rem;
  padding: .375rem .625rem; min-width: 0; }
#search { width: 100%; margin-bottom: .75rem; }

main { padding: 2.5rem clamp(1.25rem, 4vw, 4rem) 8rem; max-width: 92rem; }
header { max-width: 46rem; }
h1 { font-size: 2rem; margin: 0 0 1rem; letter-spacing: -.01em; }
h2 { font-size: 1.5rem; margin: 4rem 0 .25rem; letter-spacing: -.01em; }
h2 + p { color: var(--soft); margin: 0; }
h3 { font-size: 1.125rem; margin: 0 0 .25rem; }
h3 a { color: inherit; }
h4 { font-size: .875rem; margin: 1.5rem 0 .25rem; }
.operation { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 30rem); gap: 1rem 3rem; padding: 2.25rem 0;
  border-bottom: 1px solid var(--edge); }
.schema { padding: 1.5rem 0; border-bottom: 1px solid var(--edge); max-width: 46rem; }
.told p { margin: .25rem 0; }
.line code { font-size: .875rem; }
.method { font: 650 .75rem var(--mono); color: var(--post); }
.method.get { color: var(--get); }
.method.put, .method.patch { color: var(--put); }
.method.delete { color: var(--delete); }
.fields { list-style: none; margin: .25rem 0; padding: 0; }
.fields li { padding: .5rem 0; border-top: 1px solid var(--edge); }
.fields .fields { margin-left: 1rem; }
.fields p { margin: 0; color: var(--soft); font-size: .875rem; }
.field { font-weight: 650; }
.type, .optional, .limits, details > summary { color: var(--soft); font-size: .8125rem; }
.optional::before, .limits::before { content: "· "; }
.limits { overflow-wrap: anywhere; }
details > summary { cursor: pointer; }
.variant + .variant { border-top: 2px solid var(--edge); margin-top: .5rem; }

.shown { display: flex; flex-direction: column; gap: 1rem; position: sticky; top: 1.5rem; align-self: start; }
figure { margin: 0; background: var(--panel); border: 1px solid var(--edge); border-radius: .5rem; overflow: hidden; }
figcaption { display: flex; justify-content: space-between; align-items: center; padding: .25rem .875rem;
  color: var(--soft); font-size: .75rem; border-bottom: 1px solid var(--edge); }
pre { margin: 0; padding: .75rem .875rem; overflow: auto; max-height: 24rem; line-height: 1.5; }
button { font: inherit; font-size: .8125rem; color: inherit; background: var(--paper); border: 1px solid var(--edge);
  border-radius: .375rem; padding: .25rem .75rem; cursor: pointer; }
button:hover { border-color: var(--soft); }
.copy { font-size: .75rem; padding: 0 .5rem; }
.copy, .try, .token, #search { display: none; }
.script .copy { display: block; }
.script #search, .script .token { display: block; }
.script .try { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
.try label { display: flex; gap: .5rem; align-items: center; width: 100%; font-size: .8125rem; }
.try label code { width: 6rem; }
.try input { flex: 1; padding: .1875rem .5rem; }
.result { width: 100%; background: var(--panel); border: 1px solid var(--edge); border-radius: .5rem; }
.token { color: var(--soft); font-size: .875rem; }
.answer + .answer { margin-top: .5rem; }
[hidden] { display: none !important; }

@media (max-width: 75rem) { .operation { grid-template-columns: minmax(0, 1fr); } .shown { position: static; } }
@media (max-width: 48rem) {
  body { display: block; }
  nav { position: static; height: auto; max-height: 45vh; border-right: 0; border-bottom: 1px solid var(--edge); }
  main { padding-top: 1.5rem; }
}
@media print { nav, .copy, .try, .token { display: none !important; } body { display: block; } }
`.trimStart();
