/**
 * A table that can be sorted by its heads. A long one is drawn only where it is seen, in rows of one height, so that
 * five thousand are as smooth as five; narrow screens leave out the columns that matter least.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { count } from "../format.ts";
import { type Order, ordered, type SortKey, type Window, windowOf } from "../order.ts";
import { Search } from "./search.tsx";

/** From so many rows on only those are drawn that are seen. */
const WHOLE_MAX = 80;
const ROW_PX = 45;
/** Fewer are found at a glance. */
const FIND_MIN = 12;

export interface Column<T> {
  id: string;
  title: string;
  cell: (row: T) => ComponentChildren;
  /** What it is sorted by; left out: it isn't. */
  sort?: (row: T) => SortKey;
  /** Numbers stand to the right. */
  align?: "right";
  /** It takes more room than others. */
  wide?: true;
  /** Left out on screens up to this width. */
  hide?: "narrow" | "middle";
}

export interface TableProps<T> {
  /** What it is a table of, read out. */
  label: string;
  columns: readonly Column<T>[];
  /** In the order that they have unless somebody chose another. */
  rows: readonly T[];
  keyOf: (row: T) => string;
  /** What a row is found by; left out: there is no searching. */
  find?: (row: T) => string;
}

export function Table<T>({ label, columns, rows, keyOf, find }: TableProps<T>) {
  const order = useSignal<Order | undefined>(undefined);
  const sought = useSignal("");
  const word = sought.value.trim().toLowerCase();
  const found = find === undefined || word === "" ? rows : rows.filter((row) => find(row).toLowerCase().includes(word));
  const sort = columns.find(({ id }) => id === order.value?.column)?.sort;
  const sorted = order.value === undefined || sort === undefined ? found : ordered(found, sort, order.value);
  const body = useRef<HTMLTableSectionElement>(null);
  const { from, to } = useWindow(body, sorted.length);
  const whole = sorted.length <= WHOLE_MAX;
  return (
    <div class="table-box">
      {find !== undefined && (rows.length >= FIND_MIN || word !== "") && (
        <div class="row table-find">
          <Search label={`Find in ${label.toLowerCase()}`} text={sought} />
          {sought.value !== "" && <span class="faint" role="status">{count(sorted.length, "match", "matches")}</span>}
        </div>
      )}
      <table class={whole ? "" : "long"} aria-label={label} aria-rowcount={sorted.length + 1}>
        <thead>
          <tr>{columns.map((column) => <Head key={column.id} column={column} order={order} />)}</tr>
        </thead>
        <tbody ref={body}>
          {from > 0 && <Spacer rows={from} columns={columns.length} />}
          {sorted.slice(from, to).map((row, index) => (
            <tr key={keyOf(row)} aria-rowindex={whole ? undefined : from + index + 2}>
              {columns.map(({ id, cell, align, hide }) => (
                <td key={id} class={`${align ?? ""} ${hide === undefined ? "" : `hide-${hide}`}`}>{cell(row)}</td>
              ))}
            </tr>
          ))}
          {to < sorted.length && <Spacer rows={sorted.length - to} columns={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps<T> {
  column: Column<T>;
  order: { value: Order | undefined };
}

/** Pressed once it sorts, again it turns round, and once more all is as it was. */
function Head<T>({ column: { id, title, sort, align, hide, wide }, order }: HeadProps<T>) {
  const chosen = order.value?.column === id ? order.value : undefined;
  const direction = chosen === undefined ? undefined : chosen.descending ? "descending" : "ascending";
  const press = () => {
    if (chosen === undefined) order.value = { column: id, descending: false };
    else order.value = chosen.descending ? undefined : { column: id, descending: true };
  };
  return (
    <th
      scope="col"
      class={`${align ?? ""} ${wide ? "wide" : ""} ${hide === undefined ? "" : `hide-${hide}`}`}
      aria-sort={direction}
    >
      {sort === undefined ? title : <button type="button" onClick={press}>{title}</button>}
    </th>
  );
}

function Spacer({ rows, columns }: { rows: number; columns: number }) {
  return (
    <tr class="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${rows * ROW_PX}px` }} />
    </tr>
  );
}

/** The rows that are to be drawn, as the page is scrolled. */
function useWindow(body: { readonly current: HTMLElement | null }, rows: number): Window {
  const seen = useSignal<Window>({ from: 0, to: WHOLE_MAX });
  const whole = rows <= WHOLE_MAX;
  useEffect(() => {
    if (whole) return;
    const look = () => {
      const topPx = body.current?.getBoundingClientRect().top ?? 0;
      const now = windowOf({ rows, rowPx: ROW_PX, topPx, heightPx: innerHeight });
      const { from, to } = seen.peek();
      if (now.from !== from || now.to !== to) seen.value = now;
    };
    look();
    addEventListener("scroll", look, { passive: true });
    addEventListener("resize", look);
    return () => {
      removeEventListener("scroll", look);
      removeEventListener("resize", look);
    };
  }, [rows, whole]);
  return whole ? { from: 0, to: rows } : seen.value;
}
