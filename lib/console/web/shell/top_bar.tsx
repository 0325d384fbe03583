/**
 * The bar at the top of each page: the way to the others, how the connection is, which cluster this is, and the theme.
 * @module
 */
import { client, session } from "../api.ts";
import { Icon } from "../components/icon.tsx";
import { Mark } from "../components/status.tsx";
import { Name } from "../components/text.tsx";
import { orTell } from "../components/toast.tsx";
import { cluster, connection } from "../live/cluster.ts";
import { hrefOf, type Section } from "../place.ts";
import { place } from "../router.ts";
import { choose, type Theme, theme } from "../theme.ts";

const LINKS: readonly (readonly [Section | "overview", string])[] = [
  ["overview", "Overview"],
  ["events", "Events"],
  ["plan", "Plan"],
  ["explain", "Explain"],
  ["tokens", "Tokens"],
];

/** Pages that one comes to from the overview belong to it. */
const BELOW_OVERVIEW: ReadonlySet<string> = new Set(["services", "replicas", "nodes"]);

export function TopBar() {
  const page = BELOW_OVERVIEW.has(place.value.page) ? "overview" : place.value.page;
  return (
    <header class="top">
      <a class="skip" href="#main">Skip to the content</a>
      <a class="brand" href={hrefOf("overview")}>
        <Logo />
        Muster
      </a>
      <nav aria-label="Pages">
        {LINKS.map(([section, title]) => (
          <a key={section} href={hrefOf(section)} aria-current={page === section ? "page" : undefined}>{title}</a>
        ))}
      </nav>
      <div class="top-end">
        <ClusterFacts />
        <Person />
        <ThemeSwitch />
      </div>
    </header>
  );
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="2" y="11" width="4" height="7" rx="1.5" />
      <rect x="8" y="6" width="4" height="12" rx="1.5" />
      <rect x="14" y="2" width="4" height="16" rx="1.5" />
    </svg>
  );
}

function ClusterFacts() {
  const known = cluster.value;
  const { state } = connection.value;
  const tone = state === "live" ? "good" : state === "lost" ? "bad" : "busy";
  return (
    <span class="cluster-facts">
      <span class={`status ${tone}`} role="status">
        <Mark tone={tone} />
        {state === "live" ? "Live" : state === "lost" ? "Disconnected" : "Connecting"}
      </span>
      {known !== undefined && (
        <span class="faint leader" title={`Cluster ${known.id}, epoch ${known.epoch}, revision ${known.revision}`}>
          <Name text={known.leader} />
          <span>{`v${known.version}`}</span>
        </span>
      )}
    </span>
  );
}

function Person() {
  const now = session.value;
  if (now.state !== "known" || now.view.name === null) return null;
  const leave = () =>
    orTell(async () => {
      await client.endSession({}, { signal: new AbortController().signal });
      session.value = { state: "signed_out" };
    });
  return (
    <span class="person">
      <Name text={now.view.name} />
      <span class="faint">{now.view.role}</span>
      <button type="button" class="quiet" onClick={leave}>Sign out</button>
    </span>
  );
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const ICONS = { system: "system", light: "sun", dark: "moon" } as const;

function ThemeSwitch() {
  const now = theme.value;
  return (
    <button
      type="button"
      class="icon-button"
      onClick={() => choose(NEXT[now])}
      aria-label={`Theme: ${now}`}
      title={`Theme: ${now === "system" ? "as the system has it" : now}`}
    >
      <Icon name={ICONS[now]} />
    </button>
  );
}
