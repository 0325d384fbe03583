/**
 * A part of a page with a heading, and what belongs beside that; and the head of a page itself.
 * @module
 */
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

export function Card({ id, title, aside, children, flush }: {
  /** To be led to. */
  id?: string;
  title: ComponentChildren;
  aside?: ComponentChildren;
  children: ComponentChildren;
  /** Its content reaches to its edges, as a table does. */
  flush?: true;
}) {
  const heading = useId();
  return (
    <section id={id} class={flush ? "card flush" : "card"} aria-labelledby={heading}>
      <header>
        <h2 id={heading}>{title}</h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </header>
      {children}
    </section>
  );
}

export function PageHead({ title, about, above, children }: {
  title: ComponentChildren;
  /** Where one comes from. */
  above?: ComponentChildren;
  /** How it is, in a line. */
  about?: ComponentChildren;
  /** What one can do. */
  children?: ComponentChildren;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The browser's tab says the same, and what is wrong when nobody looks at the page.
  useEffect(() => {
    document.title = `${heading.current?.textContent ?? ""} · Muster`;
  });
  return (
    <div class="page-head">
      <div class="page-title">
        {above !== undefined && <p class="above">{above}</p>}
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {about !== undefined && <p class="about">{about}</p>}
      </div>
      {children !== undefined && <div class="buttons">{children}</div>}
    </div>
  );
}

/** Facts in pairs. */
export function Facts({ children }: { children: ComponentChildren }) {
  return <dl class="facts">{children}</dl>;
}

export function Fact({ term, children }: { term: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
