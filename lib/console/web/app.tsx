/**
 * The dashboard as a whole: the bar, the banners, and the page that the address means. Who has to sign in gets the login
 * in its place, and is where they wanted to be afterwards.
 * @module
 */
import type { ComponentChildren, FunctionComponent } from "preact";
import { useEffect } from "preact/hooks";
import { readSession, session } from "./api.ts";
import { PageHead } from "./components/card.tsx";
import { Loading } from "./components/empty.tsx";
import { Toasts } from "./components/toast.tsx";
import { followCluster } from "./live/cluster.ts";
import { EventsPage } from "./pages/events.tsx";
import { ExplainPage } from "./pages/explain.tsx";
import { LoginPage } from "./pages/login.tsx";
import { NodePage } from "./pages/node.tsx";
import { OverviewPage } from "./pages/overview.tsx";
import { PlanPage } from "./pages/plan.tsx";
import { ReplicaPage } from "./pages/replica.tsx";
import { ServicePage } from "./pages/service.tsx";
import { TokensPage } from "./pages/tokens.tsx";
import { hrefOf, type Place } from "./place.ts";
import { place } from "./router.ts";
import { Banners } from "./shell/banner.tsx";
import { TopBar } from "./shell/top_bar.tsx";
import { ApiRefusal } from "../../wire/client/problem_error.ts";

/** What every page is given: what it is about, and the rest of the address. */
export type PageProps = Pick<Place, "subject" | "query">;

const PAGES: Readonly<Record<Place["page"], FunctionComponent<PageProps>>> = {
  overview: OverviewPage,
  services: ServicePage,
  replicas: ReplicaPage,
  nodes: NodePage,
  events: EventsPage,
  plan: PlanPage,
  explain: ExplainPage,
  tokens: TokensPage,
  nowhere: NowherePage,
};

export function App() {
  const { state } = session.value;
  useEffect(() => {
    const gone = new AbortController();
    readSession(gone.signal);
    return () => gone.abort();
  }, []);
  useEffect(() => {
    if (state !== "known") return;
    const gone = new AbortController();
    follow(gone.signal);
    return () => gone.abort();
  }, [state]);
  if (state === "asking") {
    return (
      <Frame>
        <Loading rows={6} />
      </Frame>
    );
  }
  if (state === "signed_out") return <LoginPage />;
  return (
    <Frame>
      <Page />
    </Frame>
  );
}

function Frame({ children }: { children: ComponentChildren }) {
  return (
    <>
      <TopBar />
      <Banners />
      <main id="main" tabIndex={-1}>{children}</main>
      <Toasts />
    </>
  );
}

/** Each address has a page of its own: nothing of one is left in the next. */
function Page() {
  const { page, subject, query } = place.value;
  const Shown = PAGES[page];
  return <Shown key={`${page}/${subject}`} subject={subject} query={query} />;
}

/** A refusal for want of a credential has turned the page into the login already. */
async function follow(signal: AbortSignal): Promise<void> {
  try {
    await followCluster(signal);
  } catch (error) {
    if (!(error instanceof ApiRefusal && session.peek().state === "signed_out")) throw error;
  }
}

function NowherePage() {
  return (
    <PageHead title="There is no such page" about="The address may have been cut off.">
      <a class="button" href={hrefOf("overview")}>To the overview</a>
    </PageHead>
  );
}
