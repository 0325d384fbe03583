/**
 * A listener's proof to itself that it lets nobody in without a credential, whatever the runtime beneath it does: it asks
 * itself, as a stranger would, and is content with nothing but a 401.
 * @module
 */
import { connect } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { encodeRequestHead } from "./http1/encode.ts";
import { ResponseReader } from "./http1/response.ts";

const ANSWER_MS = 5_000;
const BYTES_MAX = 65_536;
const UNAUTHORIZED = 401;

/** Where a stranger asks. */
export interface Stranger {
  host: string;
  port: number;
  path: string;
  /** Over TLS, or in plain text. */
  tls: boolean;
}

export interface StrangersAnswer {
  status: number;
  text: string;
}

/** Rejects, with what to do, when the listener answers anything but 401. */
export async function proveRefusal(stranger: Stranger): Promise<void> {
  const host = stranger.host === "0.0.0.0" ? "127.0.0.1" : stranger.host === "::" ? "::1" : stranger.host;
  const { status } = await askAsStranger({ ...stranger, host });
  if (status === UNAUTHORIZED) return;
  throw new Error(
    `Cannot go on: ${stranger.path} was answered with ${status} to somebody without a credential, and not with 401. ` +
      "This program does not protect itself here; report this, and do not run it on this address",
  );
}

/** Asks without believing whoever answers: for what is public, or checked otherwise. */
export function askAsStranger({ host, port, path, tls }: Stranger): Promise<StrangersAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<StrangersAnswer>();
  const unverified: ConnectionOptions = { host, port, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] };
  const socket = tls ? connectTls(unverified) : connect({ host, port });
  const timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS / 1_000} s`)), ANSWER_MS);
  const reader = new ResponseReader();
  const decoder = new TextDecoder();
  const answer = { status: 0, text: "" };
  socket.on("error", reject);
  socket.on(tls ? "secureConnect" : "connect", () => {
    reader.expect("GET");
    const fields: [string, string][] = [["host", host.includes(":") ? `[${host}]` : host], ["connection", "close"]];
    socket.write(encodeRequestHead({ method: "GET", target: path, fields }));
  });
  socket.on("data", (bytes: Uint8Array) => {
    reader.push(bytes);
    for (let event = reader.next(); event !== undefined; event = reader.next()) {
      if (event.kind === "response") answer.status = event.status;
      else if (event.kind === "data") answer.text += decoder.decode(event.bytes, { stream: true });
      else if (event.kind === "end" || answer.text.length > BYTES_MAX) return resolve(answer);
      else if (event.kind !== "interim") return reject(new Error("its answer is no HTTP"));
    }
  });
  socket.on("close", () => reject(new Error("it closed the connection without an answer")));
  return promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}
