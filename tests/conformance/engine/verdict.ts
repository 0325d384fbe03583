/**
 * What a proxy makes of a request, in a few words: refused with a status, passed on as it is, or passed on as something
 * else, and then as what.
 * @module
 */
import { serveRaw } from "../../ingress/rig.ts";
import { naiveReading, type NaiveRequest, valuesOf } from "./naive_reading.ts";
import { RawClient, statusesIn } from "./raw_client.ts";
import { writeAll } from "./recorder.ts";
import { decodeLatin1 } from "../../../lib/wire/http1/octets.ts";

/** After this without a byte a message counts as all there is. */
const QUIET_MS = 60;
/** Longer than the other proxies wait for the rest of a request. */
const PATIENCE_MS = 3_000;

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";

/** Takes whatever comes, be it a request or not, and answers once nothing more comes. */
export function startListener() {
  let heard: string[] = [];
  const replica = serveRaw(async (conn) => {
    const index = heard.push("") - 1;
    const mine = heard;
    const buffer = new Uint8Array(65_536);
    const answer = () => void writeAll(conn, OK).then(() => conn.closeWrite()).catch(() => undefined);
    let timer: ReturnType<typeof setTimeout> | undefined;
    try {
      for (let count = await conn.read(buffer); count !== null; count = await conn.read(buffer)) {
        mine[index] += decodeLatin1(buffer, 0, count);
        clearTimeout(timer);
        timer = setTimeout(answer, QUIET_MS);
      }
    } finally {
      clearTimeout(timer);
    }
  });
  return {
    ...replica,
    /** What has come since it was last asked. */
    take(): string {
      const text = heard.join("");
      heard = [];
      return text;
    },
  };
}

export async function verdictOf(
  port: number,
  text: string,
  listener: Pick<ReturnType<typeof startListener>, "take">,
): Promise<string> {
  listener.take();
  const answer = await answerTo(port, text);
  const [status] = statusesIn(answer.replace(/^HTTP\/1\.0/, "HTTP/1.1")).filter((one) => one >= 200);
  // What is refused may still be on its way to the replica.
  if (status !== 200) await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const seen = listener.take();
  if (seen === "" && status === undefined) return "closed";
  // A part of it may have gone on before the fault was read; whether it has is a matter of time.
  const isRefused = status !== undefined && status !== 200 && naiveReading(seen).requests.length === 0;
  return isRefused ? String(status) : passedOn(seen, text);
}

function passedOn(seen: string, text: string): string {
  // An empty Host stands for none, which HTTP/1.0 allows.
  const { requests, then } = naiveReading(seen.replace("\r\nHost: \r\n", "\r\nHost: none\r\n"));
  const [came] = requests;
  if (came === undefined) return then === "partial" ? "begun, never completed" : "passed on, not valid";
  const sent = naiveReading(text).requests[0];
  const [before, after] = [sent && wordsOf(sent), wordsOf(came)];
  if (before === undefined) return `passed on as ${after.line}, ${after.host}, ${after.content}`;
  const changed = (Object.keys(after) as (keyof typeof after)[]).filter((part) => before[part] !== after[part]);
  return changed.length === 0 ? "passed on" : `passed on with ${changed.map((part) => after[part]).join(" and ")}`;
}

/** What routing, framing and content of a request are. */
function wordsOf({ method, target, fields, framing, content }: NaiveRequest) {
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(target);
  const [, authority = valuesOf(fields, "host")[0] ?? "none", rest = target] = absolute ?? [];
  const nothing = method === "OPTIONS" ? "*" : "/";
  const path = rest === "" ? nothing : rest.startsWith("?") ? `/${rest}` : rest;
  const text = JSON.stringify(content);
  return {
    line: `${method} ${path}`,
    host: `Host ${authority}`,
    content: framing === "none" ? "no content" : framing === "length" ? `length, ${text}` : `chunks, ${text}`,
  };
}

/** Sends a request and waits for its answer, for the end, or for as long as there is patience. */
async function answerTo(port: number, text: string): Promise<string> {
  using client = await RawClient.connect(port);
  const listening = client.toEnd();
  await client.send(text);
  const started = performance.now();
  let isOver = false;
  const over = listening.then(() => isOver = true);
  while (!isOver && performance.now() - started < PATIENCE_MS && !/HTTP\/1\.[01] [2-5]\d\d /.test(client.text)) {
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 10))]);
  }
  const answer = client.text;
  await client.end();
  await listening;
  return answer;
}
