/**
 * What one message costs the HTTP/1.1 machine, without sockets: it is paid per request on the agent's API and in the
 * ingress. Run it before and after a change: `deno bench bench/agent_http_bench.ts`.
 * @module
 */

import { encodeResponseHead } from "../lib/wire/http1/encode.ts";
import { encodeLatin1 } from "../lib/wire/http1/octets.ts";
import { RequestReader } from "../lib/wire/http1/request.ts";
import { ResponseReader } from "../lib/wire/http1/response.ts";

const small = encodeLatin1(
  "GET /v1/health HTTP/1.1\r\nHost: 127.0.0.1:9000\r\nAuthorization: Bearer 0123456789\r\n\r\n",
);
const browser = encodeLatin1(
  "GET /hello/world?x=1 HTTP/1.1\r\nHost: example.com\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/115.0\r\n" +
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: en-US,en;q=0.5\r\n" +
    "Accept-Encoding: gzip, deflate, br\r\nConnection: keep-alive\r\nCookie: session=0123456789abcdef0123456789abcdef\r\n" +
    "Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n\r\n",
);
const answer = encodeLatin1("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");

const requests = new RequestReader();
const responses = new ResponseReader();

Deno.bench("read a request with 2 fields", () => readRequest(small));
Deno.bench("read a request with 10 fields", () => readRequest(browser));
Deno.bench("read an answer", () => {
  responses.expect("GET");
  responses.push(answer);
  while (responses.next() !== undefined);
});
Deno.bench("encode an answer's head", () => {
  encodeResponseHead({ status: 200, fields: [["content-type", "text/plain"], ["content-length", "5"]] });
});

function readRequest(bytes: Uint8Array): void {
  requests.push(bytes);
  while (requests.next() !== undefined);
}
