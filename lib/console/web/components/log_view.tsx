/**
 * A live log: it follows until somebody scrolls up or pauses it, finds lines by a text, and keeps the last few thousand.
 * Lines are text, whatever they contain.
 * @module
 */
import { type Signal, useSignal } from "@preact/signals";
import { Component, type ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { printable } from "../../../runtime/sanitize.ts";
import { timeOfDay } from "../format.ts";
import { type LogSource, useLog } from "../live/following.ts";
import { type Block, lineCount, type LogBuffer, type ShownLine } from "../log_buffer.ts";
import { CommandHint } from "./command_hint.tsx";
import { Search } from "./search.tsx";

const EDGE_PX = 24;
const HUES = 6;

export interface LogViewProps {
  source: LogSource;
  /** Tells one log from another. */
  id: string;
  command: string;
}

export function LogView({ source, id, command }: LogViewProps) {
  const followed = useLog(source, id);
  const sought = useSignal("");
  const held = useSignal<LogBuffer | undefined>(undefined);
  const following = useSignal(true);
  const { trouble } = followed.value;
  const buffer = held.value ?? followed.value.buffer;
  const missed = lineCount(followed.value.buffer) + followed.value.buffer.dropped - lineCount(buffer) - buffer.dropped;
  return (
    <div class="log">
      <div class="log-bar">
        <Search label="Find in the lines" text={sought} />
        <button
          type="button"
          aria-pressed={held.value !== undefined}
          onClick={() => toggle(held, followed.value.buffer)}
        >
          {held.value === undefined ? "Pause" : `Resume${missed > 0 ? ` (${missed} new)` : ""}`}
        </button>
        <label class="check">
          <input
            type="checkbox"
            checked={following.value}
            onChange={(event) => following.value = event.currentTarget.checked}
          />
          Follow
        </label>
        {trouble !== undefined && <span class="faint trouble" role="status">{trouble}</span>}
      </div>
      <Lines buffer={buffer} sought={sought.value} following={following} />
      <CommandHint command={command} />
    </div>
  );
}

function toggle(held: Signal<LogBuffer | undefined>, buffer: LogBuffer): void {
  held.value = held.value === undefined ? buffer : undefined;
}

interface LinesProps {
  buffer: LogBuffer;
  sought: string;
  following: Signal<boolean>;
}

/** Stays at its end while it follows; who scrolls up reads, who scrolls down to the end follows again. */
function Lines({ buffer, sought, following }: LinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const follows = following.value;
  useLayoutEffect(() => {
    if (follows && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  });
  const scrolled = () => {
    const element = box.current;
    if (element === null) return;
    const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < EDGE_PX;
    if (atEnd !== following.peek()) following.value = atEnd;
  };
  const wanted = sought.toLowerCase();
  return (
    <div class="log-lines" ref={box} onScroll={scrolled} tabIndex={0} role="log" aria-label="Log lines" aria-live="off">
      {buffer.dropped > 0 && <p class="faint">{`${buffer.dropped} older lines are not kept here`}</p>}
      {buffer.blocks.length === 0 && <p class="faint">No lines yet. What its processes print appears here.</p>}
      {buffer.blocks.map((block) => <LogBlock key={block.id} block={block} sought={wanted} />)}
    </div>
  );
}

interface BlockProps {
  block: Block;
  sought: string;
}

/** Drawn anew only when it grew, or something else is sought. */
class LogBlock extends Component<BlockProps> {
  override shouldComponentUpdate(next: BlockProps): boolean {
    return next.block !== this.props.block || next.sought !== this.props.sought;
  }

  override render({ block, sought }: BlockProps): ComponentChildren {
    const lines = sought === ""
      ? block.lines
      : block.lines.filter(({ line, name }) => `${name ?? ""} ${line}`.toLowerCase().includes(sought));
    return <div class="log-block">{lines.map((line, index) => <LogRow key={index} line={line} sought={sought} />)}
    </div>;
  }
}

function LogRow({ line: { time, stream, line, name }, sought }: { line: ShownLine; sought: string }) {
  return (
    <div class={`log-row ${stream}`}>
      <time dateTime={time}>{timeOfDay(time)}</time>
      {name !== undefined && <bdi class={`log-name hue${hueOf(name)}`}>{printable(name)}</bdi>}
      {stream !== "out" && <span class="log-stream">{stream}</span>}
      <bdi class="log-text">{marked(printable(line), sought)}</bdi>
    </div>
  );
}

/** The text with what is sought set off. */
function marked(text: string, sought: string): ComponentChildren {
  if (sought === "") return text;
  const lower = text.toLowerCase();
  // Where lower case has another length, places in it say nothing about the text.
  if (lower.length !== text.length) return text;
  const parts: ComponentChildren[] = [];
  let from = 0;
  for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, from)) {
    parts.push(text.slice(from, at), <mark key={at}>{text.slice(at, at + sought.length)}</mark>);
    from = at + sought.length;
  }
  return [...parts, text.slice(from)];
}

/** One of a few colours for each replica; its name stands there in any case. */
function hueOf(name: string): number {
  return Number(/\d+$/.exec(name)?.[0] ?? 0) % HUES;
}
