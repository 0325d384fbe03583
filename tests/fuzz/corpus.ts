/**
 * What the fuzzer begins with, and the pieces that it puts in: whole messages, good and bad, and what attacks are made of.
 * @module
 */
import { REFUSED_REQUESTS } from "../conformance/engine/refused_requests.ts";

const TEXT_LENGTH_MAX = 400;

export const REQUESTS: readonly string[] = [
  "GET /a?b HTTP/1.1\r\nHost: a\r\n\r\n",
  "\r\nPOST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world",
  "PUT /x HTTP/1.1\r\nhost: a:80\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX: y\r\n\r\n",
  "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nConnection: keep-alive\r\n\r\n",
  "GET http://b.example/p HTTP/1.1\r\nHost: a\r\nX-Long: abcdefghijklmnopqrstuvwxyz\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
  "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
  ...REFUSED_REQUESTS.map(({ text }) => text).filter(({ length }) => length < TEXT_LENGTH_MAX),
];

export const ANSWERS: readonly string[] = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n",
  "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200\r\n\r\nuntil the end",
  "HTTP/1.0 404 Not Found\r\n\r\n",
  "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nraw bytes",
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
];

export const PIECES: readonly string[] = [
  "\r",
  "\n",
  "\r\n",
  "\r\n\r\n",
  " ",
  ":",
  "\0",
  "\t",
  ";",
  "0",
  "5",
  "f",
  ",",
  "\x7f",
  "\xff",
  "\x0b",
  "chunked",
  "0\r\n\r\n",
  "Content-Length: 3\r\n",
  "Content-Length: 0\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Host: a\r\n",
  "Expect: 100-continue\r\n",
  " HTTP/1.1\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "HTTP/1.1 200 OK\r\n",
];
