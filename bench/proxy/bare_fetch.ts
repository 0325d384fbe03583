/**
 * The least that a proxy in Deno can be: `Deno.serve` and `fetch`, without rules or safety. Takes its own port and the
 * replica's.
 * @module
 */
const [port, replica] = Deno.args;
const origin = `http://127.0.0.1:${replica}`;

Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen: () => {} }, (request) => {
  const { method, headers, url } = request;
  return fetch(origin + url.slice(url.indexOf("/", 8)), { method, headers, redirect: "manual" });
});
