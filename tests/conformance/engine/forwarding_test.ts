import { assertEquals } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { readText, serveRaw, writeText } from "../../ingress/rig.ts";
import { say, statusesIn } from "./raw_client.ts";
import { startRecorder } from "./recorder.ts";
import { startEngine } from "./rig.ts";

/** What the edge says of its client. */
const EDGE = "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Host: web\r\nX-Forwarded-Proto: http\r\nVia: 1.1 muster\r\n";

interface Forwarded {
  name: string;
  line?: string;
  /** Field lines without line ends, and as they come out. */
  sent?: readonly string[];
  seen?: readonly string[];
  content?: string;
  contentSeen?: string;
}

const LAST = "0\r\n\r\n";
const CHUNKED = "Transfer-Encoding: chunked";
const HOST = "Host: web";

/** What comes in and what comes out; where only one is given, both are the same. */
const FORWARDED: readonly Forwarded[] = [
  { name: "a GET" },
  ...[
    "/%00",
    "/%0d%0aX:%20y",
    "/a\\b",
    "/..%2f..%2fetc",
    "/a/../b",
    "//a//b",
    "/?",
    "/?a=b?c",
    "/a;b=c",
    '/"<>^`{|}',
    "/%zz",
  ]
    .map((target) => ({ name: `the target ${target}`, line: `GET ${target} HTTP/1.1` })),
  { name: "an unknown method", line: "BREW /pot HTTP/1.1" },
  { name: "a method in lower case", line: "get / HTTP/1.1" },
  { name: "* for OPTIONS", line: "OPTIONS * HTTP/1.1" },
  {
    name: "spelling, order and repetition of fields",
    sent: ["b: 1", "A:2", "B:  3\t", "a:", HOST],
    seen: ["b: 1", "A: 2", "B: 3", "a: ", HOST],
  },
  { name: "octets beyond ASCII in a value", sent: [HOST, "A: \xc3\xa4\xff"] },
  { name: "tabs within a value", sent: [HOST, "A: b\tc"] },
  { name: "Content-Length on GET", sent: [HOST, "Content-Length: 3"], content: "abc" },
  { name: "Content-Length on DELETE", line: "DELETE / HTTP/1.1", sent: [HOST, "Content-Length: 3"], content: "abc" },
  { name: "Content-Length on OPTIONS", line: "OPTIONS / HTTP/1.1", sent: [HOST, "Content-Length: 3"], content: "abc" },
  { name: "Content-Length 0", line: "POST / HTTP/1.1", sent: [HOST, "Content-Length: 0"] },
  { name: "no Content-Length on POST", line: "POST / HTTP/1.1" },
  { name: "chunks on GET", sent: [HOST, CHUNKED], seen: [HOST], content: `3\r\nabc\r\n${LAST}` },
  {
    name: "chunk extensions, which are dropped",
    line: "POST / HTTP/1.1",
    sent: [HOST, CHUNKED],
    seen: [HOST],
    content: `3;a="b\\"c";d=e;f\r\nabc\r\n${LAST}`,
    contentSeen: `3\r\nabc\r\n${LAST}`,
  },
  {
    name: "chunk sizes with zeros in front and capitals",
    line: "POST / HTTP/1.1",
    sent: [HOST, CHUNKED],
    seen: [HOST],
    content: `00A\r\n0123456789\r\n${LAST}`,
    contentSeen: `a\r\n0123456789\r\n${LAST}`,
  },
  {
    name: "Transfer-Encoding in capitals",
    line: "POST / HTTP/1.1",
    sent: [HOST, "TRANSFER-ENCODING: Chunked"],
    seen: [HOST],
    content: LAST,
  },
  {
    name: "trailers",
    line: "POST / HTTP/1.1",
    sent: [HOST, CHUNKED, "Trailer: A"],
    seen: [HOST, "Trailer: A"],
    content: "0\r\nA: b\r\n\r\n",
  },
  {
    name: "trailers without those that decide",
    line: "POST / HTTP/1.1",
    sent: [HOST, CHUNKED],
    seen: [HOST],
    content:
      "0\r\nHost: b\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\nauthorization: x\r\nCookie: a\r\nX-Forwarded-For: 1\r\nX_Forwarded_For: 1\r\nA: b\r\n\r\n",
    contentSeen: "0\r\nA: b\r\n\r\n",
  },
  {
    name: "no fields of the connection",
    sent: [
      HOST,
      "Connection: x-secret, keep-alive",
      "X-Secret: 1",
      "Keep-Alive: 5",
      "Proxy-Connection: x",
      "TE: trailers",
      "Upgrade: foo",
      "Proxy-Authorization: x",
      "A: b",
    ],
    seen: [HOST, "A: b"],
  },
  {
    name: "what Connection names and may not",
    sent: [
      HOST,
      "Connection: host, content-length, authorization, cookie, x-forwarded-for",
      "Authorization: a",
      "Cookie: b",
      "Content-Length: 1",
    ],
    seen: [HOST, "Authorization: a", "Cookie: b", "Content-Length: 1"],
    content: "x",
  },
  {
    name: "no forged fields of a proxy",
    sent: [
      HOST,
      "X-Forwarded-For: 1.2.3.4",
      "x-forwarded-proto: https",
      "X-Forwarded-Host: evil",
      "X-Forwarded-Port: 1",
      "Forwarded: for=evil",
      "Via: 1.0 evil",
      "VIA: 1.0 evil",
      "X-Real-IP: 1.2.3.4",
    ],
    seen: [HOST],
  },
  {
    name: "no aliases of guarded fields",
    sent: [
      HOST,
      "Transfer_Encoding: chunked",
      "Content_Length: 5",
      "X_Forwarded_For: 1",
      "X_Real_IP: 1",
      "Host_: a",
      "My_Field: a",
    ],
    seen: [HOST, "Host_: a", "My_Field: a"],
  },
  {
    name: "the authority of an absolute target instead of Host",
    line: "GET http://web/p?q HTTP/1.1",
    sent: ["Host: other"],
    seen: [HOST],
  },
  {
    name: "h2c as no upgrade",
    sent: [HOST, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"],
    seen: [HOST],
  },
  { name: "an empty line before the request", line: "\r\nGET / HTTP/1.1" },
];

/** The line that comes out: in HTTP/1.1, the path alone. */
function lineSeen(line: string): string {
  return line.trim().replace("http://web", "");
}

for (
  const { name, line = "GET / HTTP/1.1", sent = [HOST], seen = sent, content = "", contentSeen = content } of FORWARDED
) {
  Deno.test({
    name: `the engine forwards ${name}`,
    ignore: !granted,
    fn: async () => {
      await using replica = startRecorder();
      await using rig = startEngine([replica]);
      const lines = (fields: readonly string[]) => fields.map((field) => `${field}\r\n`).join("");
      const last = "GET /last HTTP/1.1\r\nHost: web\r\nConnection: close\r\n\r\n";
      const answer = await say(rig.port, `${line}\r\n${lines(sent)}\r\n${content}${last}`);
      const framing = sent.some((field) => /^transfer-encoding:/i.test(field)) ? `${CHUNKED}\r\n` : "";
      const first = `${lineSeen(line)}\r\n${lines(seen)}${EDGE}${framing}\r\n${contentSeen}`;
      assertEquals(replica.text, `${first}GET /last HTTP/1.1\r\nHost: web\r\n${EDGE}\r\n`);
      assertEquals(statusesIn(answer), [200, 200]);
    },
  });
}

Deno.test({
  name: "the engine forwards an upgrade that is asked for as it should be, and leaves judging it to the replica",
  ignore: !granted,
  fn: async () => {
    for (const version of ["13", "12"]) {
      await using replica = startRecorder({ answer: "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n" });
      await using rig = startEngine([replica]);
      const asked =
        `GET /ws HTTP/1.1\r\nHost: web\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: ${version}\r\n\r\n`;
      assertEquals(statusesIn(await say(rig.port, asked)), [426]);
      assertEquals(
        replica.text,
        `GET /ws HTTP/1.1\r\nHost: web\r\nSec-WebSocket-Version: ${version}\r\n${EDGE}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
      );
    }
  },
});

const OLD_CLIENTS = [
  {
    name: "with Host",
    text: "GET / HTTP/1.0\r\nHost: web\r\n\r\n",
    seen: `GET / HTTP/1.1\r\nHost: web\r\n${EDGE}\r\n`,
  },
  {
    name: "with an absolute target only",
    text: "GET http://web/ HTTP/1.0\r\n\r\n",
    seen: `GET / HTTP/1.1\r\nHost: web\r\n${EDGE}\r\n`,
  },
  {
    name: "with Expect",
    text: "POST / HTTP/1.0\r\nHost: web\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na",
    seen: `POST / HTTP/1.1\r\nHost: web\r\nContent-Length: 1\r\n${EDGE}\r\na`,
  },
  {
    name: "with an upgrade",
    text: "GET / HTTP/1.0\r\nHost: web\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    seen: `GET / HTTP/1.1\r\nHost: web\r\n${EDGE}\r\n`,
  },
];

for (const { name, text, seen } of OLD_CLIENTS) {
  Deno.test({
    name: `the engine forwards a request in HTTP/1.0 ${name}, and closes after it`,
    ignore: !granted,
    fn: async () => {
      await using replica = startRecorder();
      await using rig = startEngine([replica]);
      assertEquals(await say(rig.port, text), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
      assertEquals(replica.text, seen);
    },
  });
}

Deno.test({
  name: "the engine forwards a request in HTTP/1.0 without Host with an empty one",
  ignore: !granted,
  fn: async () => {
    let seen = "";
    await using replica = serveRaw(async (conn) => {
      seen = await readText(conn);
      await writeText(conn, "HTTP/1.1 204 No Content\r\n\r\n");
    });
    await using rig = startEngine([replica]);
    assertEquals(statusesIn(await say(rig.port, "GET / HTTP/1.0\r\n\r\n")), [204]);
    assertEquals(seen, `GET / HTTP/1.1\r\nHost: \r\n${EDGE.replace("Host: web", "Host: ")}\r\n`);
  },
});
