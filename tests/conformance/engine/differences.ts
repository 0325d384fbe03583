/**
 * The same bytes to Muster, nginx and HAProxy: what each makes of them, where they differ, and why Muster does what it
 * does. `docs/ingress-differences.md` is written from this by `write_differences.ts`, and held against it by a test.
 * @module
 */
import { GOOD_REQUESTS } from "./good_requests.ts";
import { startOther } from "./other_proxies.ts";
import { REFUSED_REQUESTS } from "./refused_requests.ts";
import { startEngine } from "./rig.ts";
import { startListener, verdictOf } from "./verdict.ts";

export interface Difference {
  name: string;
  muster: string;
  nginx: string;
  haproxy: string;
}

export interface Comparison {
  /** How many requests have been compared. */
  count: number;
  differences: Difference[];
}

/** HAProxy refuses it or passes it on, as it happened to start. */
const UNSTEADY = "trailers with a space before the colon";

export async function compare(): Promise<Comparison> {
  await using ours = startListener();
  await using nginxs = startListener();
  await using haproxys = startListener();
  await using muster = startEngine([ours]);
  await using nginx = await startOther("nginx", nginxs.endpoint.port);
  await using haproxy = await startOther("haproxy", haproxys.endpoint.port);
  const refused = REFUSED_REQUESTS.filter(({ name, isEnding = false }) => !isEnding && name !== UNSTEADY);
  const cases = [...GOOD_REQUESTS, ...refused];
  const differences: Difference[] = [];
  for (const { name, text } of cases) {
    const verdicts = await Promise.all([
      verdictOf(muster.port, text, ours),
      verdictOf(nginx.port, text, nginxs),
      verdictOf(haproxy.port, text, haproxys),
    ]);
    const [first, second, third] = verdicts;
    if (new Set(verdicts).size > 1) differences.push({ name, muster: first, nginx: second, haproxy: third });
  }
  return { count: cases.length, differences };
}

/** Why, by what the request's name begins with or holds; the first that fits. */
const REASONS: readonly (readonly [name: RegExp, reason: string])[] = [
  [/^GET .*(%|\.\.)/, "the target goes on byte for byte; its replica judges it (RFC 9110 §4.2.3)"],
  [/method in lower case/, "methods are tokens, and case counts (RFC 9110 §9.1)"],
  [/^TRACE/, "TRACE would show the client what the edge adds (RFC 9110 §9.3.8)"],
  [/^OPTIONS \*|^OPTIONS http/, "OPTIONS is about the whole server then (RFC 9112 §3.2.4)"],
  [/absolute target of another host/, "the target's authority replaces Host (RFC 9112 §3.2.2)"],
  [/absolute target without a path/, "an empty path is / (RFC 9112 §3.2.1)"],
  [/^HTTP\/1\.0 without Host/, "an empty Host stands for none (RFC 9112 §3.2)"],
  [/^Host (with|in)/, "Host goes on as it was said; here nginx is told to pass on its own reading"],
  [
    /^chunks|^a chunk size with zeros|^trailers$|^Transfer-Encoding in capitals/,
    "chunks go on as chunks; nginx counts what is there at once",
  ],
  [/Content-Length, then|Transfer-Encoding, then/, "both at once are an attempt at smuggling (RFC 9112 §6.1, §11.2)"],
  [/two equal Content-Lengths|"5, 5"/, "may be refused or merged: the strict choice (RFC 9110 §8.6)"],
  [/^Content-Length "/, "no reader may take the number for another one (RFC 9110 §8.6)"],
  [/Transfer-Encoding that isn't spoken/, "an unknown coding is 501 (RFC 9112 §6.1)"],
  [/^Transfer-Encoding "/, "the last coding has to be chunked, once: else 400 (RFC 9112 §6.3)"],
  [/folded/, "folded lines are refused: the first choice given (RFC 9112 §5.2)"],
  [/in HTTP\/1\.0$/, "HTTP/1.0 has no Transfer-Encoding: its framing is faulty (RFC 9112 §6.1)"],
  [/^the chunk size "12/, "a size that could overflow (RFC 9112 §7.1)"],
  [/^the chunk size|chunk extension/, "only the grammar's extensions, and 4 kB of them (RFC 9112 §7.1.1)"],
  [/LF alone/, "lines end with CRLF; a bare LF may be refused (RFC 9112 §2.2)"],
  [
    /^a name|field without a colon|^a (space|tab) before the colon/,
    "a name is a token and then a colon (RFC 9110 §5.1)",
  ],
  [/^(NUL|DEL|a bare CR) in a value/, "control characters are refused in values (RFC 9110 §5.5)"],
  [/fields over|name over|more than 100 fields/, "431 says what is too large (RFC 6585 §5)"],
  [/^no Host|two (equal )?Hosts|without Host/, "exactly one Host in HTTP/1.1, in every form (RFC 9112 §3.2)"],
  [/^the Host/, "Host is a host with an optional port, nothing else (RFC 9110 §7.2, RFC 3986 §3.2)"],
  [/^the version|^HTTP\/0\.9/, "the version's grammar is exact; HTTP/0.9 is not spoken (RFC 9112 §2.3)"],
  [/^HTTP\/1\.2|^HTTP\/2|preface of HTTP\/2/, "a version that isn't spoken is 505 (RFC 9110 §15.6.6)"],
  [/in the request line|empty lines first/, "one space each, one empty line at most before it (RFC 9112 §2.2, §3)"],
  [/request line over/, "8,000 octets have to do, and 414 says so (RFC 9112 §3)"],
  [/^the target/, "only the grammar's octets and forms (RFC 9112 §3.2, RFC 3986 §2)"],
  [/^CONNECT/, "an edge opens no tunnels (RFC 9110 §9.3.6)"],
  [/expectation/, "an expectation that can't be met is 417 (RFC 9110 §10.1.1)"],
];

export function reasonFor({ name }: Pick<Difference, "name">): string | undefined {
  return REASONS.find(([pattern]) => pattern.test(name))?.[1];
}

/** One line of the table. */
export function cellsOf(difference: Difference): string[] {
  const { name, muster, nginx, haproxy } = difference;
  return [`\`${name}\``, ...[muster, nginx, haproxy].map(inCode), reasonFor(difference) ?? ""];
}

function inCode(verdict: string): string {
  return verdict.replace(/^(passed on (?:as|with)) (.*)$/, "$1 `$2`");
}
