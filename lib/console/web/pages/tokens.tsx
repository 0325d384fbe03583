/**
 * Who may come in: the tokens of people and programs, without the tokens themselves. A new one is shown once; so is the
 * invitation of a host.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { TokenView } from "../../../wire/api.ts";
import { allPages } from "../../../wire/client/pages.ts";
import { client } from "../api.ts";
import { Action } from "../components/action.tsx";
import { Card, PageHead } from "../components/card.tsx";
import { Empty, Loading } from "../components/empty.tsx";
import { Ago } from "../components/moment.tsx";
import { Refusal } from "../components/refusal.tsx";
import { type Column, Table } from "../components/table.tsx";
import { Name } from "../components/text.tsx";
import { lasting, moment } from "../format.ts";
import { nowMs } from "../live/clock.ts";
import { usePolled } from "../live/polling.ts";
import { CreateToken, Invite } from "./new_token.tsx";
import { Secret, type ShownOnce } from "./secret.tsx";

const EVERY_MS = 5_000;

export function TokensPage() {
  const changes = useSignal(0);
  const secret = useSignal<ShownOnce | undefined>(undefined);
  const tokens = usePolled((signal) => allPages((query) => client.listTokens({ query }, { signal })), {
    everyMs: EVERY_MS,
    key: String(changes.value),
  });
  const { answer, refusal } = tokens.value;
  const show = (shown: ShownOnce) => {
    secret.value = shown;
    changes.value += 1;
  };
  return (
    <>
      <PageHead title="Tokens" about="Who may come in, and what they may do.">
        <Invite onMade={show} />
        <CreateToken onMade={show} />
      </PageHead>
      {secret.value !== undefined && <Secret {...secret.value} onDone={() => secret.value = undefined} />}
      <Card title="Tokens of people and programs" flush>
        {refusal !== undefined
          ? <Refusal class="note" text={refusal} />
          : answer === undefined
          ? <Loading />
          : <TokenTable tokens={answer} onRemoved={() => changes.value += 1} />}
      </Card>
    </>
  );
}

function TokenTable({ tokens, onRemoved }: { tokens: readonly TokenView[]; onRemoved: () => void }) {
  if (tokens.length === 0) {
    return (
      <Empty title="There are no tokens yet" command="controller token create --name ada --role operator">
        On a loopback address nobody is asked for one.
      </Empty>
    );
  }
  const columns: readonly Column<TokenView>[] = [
    ...COLUMNS,
    { id: "remove", title: "", align: "right", cell: (token) => <Remove token={token} onRemoved={onRemoved} /> },
  ];
  return <Table label="Tokens" columns={columns} rows={tokens} keyOf={({ id }) => id} />;
}

const COLUMNS: readonly Column<TokenView>[] = [
  { id: "name", title: "Name", cell: ({ name }) => <Name text={name} />, sort: ({ name }) => name },
  { id: "role", title: "Role", cell: ({ role }) => role, sort: ({ role }) => role },
  {
    id: "services",
    title: "Services",
    cell: ({ services }) => services.length === 0 ? "all" : <Name text={services.join(", ")} />,
    hide: "narrow",
  },
  {
    id: "created",
    title: "Made",
    cell: ({ created_at }) => <Ago time={created_at} />,
    sort: ({ created_at }) => Date.parse(created_at),
    hide: "middle",
  },
  {
    id: "used",
    title: "Last used",
    cell: ({ last_used_at }) => last_used_at === null ? <span class="faint">–</span> : <Ago time={last_used_at} />,
    sort: ({ last_used_at }) => last_used_at === null ? null : Date.parse(last_used_at),
    hide: "narrow",
  },
  {
    id: "expires",
    title: "Ends",
    cell: ({ expires_at }) => expires_at === null ? "never" : <Ends time={expires_at} />,
    sort: ({ expires_at }) => expires_at === null ? null : Date.parse(expires_at),
  },
];

function Ends({ time }: { time: string }) {
  const leftMs = Date.parse(time) - nowMs.value;
  return <time dateTime={time} title={moment(time)}>{leftMs > 0 ? `in ${lasting(leftMs)}` : "over"}</time>;
}

function Remove({ token: { id, name }, onRemoved }: { token: TokenView; onRemoved: () => void }) {
  return (
    <Action
      label="Remove"
      tone="quiet"
      needs="admin"
      command={`controller token rm ${name}`}
      done={`The token ${name} counts no more`}
      ask={{
        title: `Remove the token ${name}?`,
        confirm: "Remove",
        destructive: true,
        body: <p>Whoever uses it is refused from now on.</p>,
      }}
      run={async (options) => {
        await client.deleteToken({ id }, options);
        onRemoved();
      }}
    />
  );
}
