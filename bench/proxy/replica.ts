/**
 * What all proxies of the comparison have behind them. Prints its port.
 * @module
 */
const ANSWER = "Hello from Worker ID: 00000000-0000-4000-8000-000000000000. Uptime: 1s\n";
const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };

const onListen = ({ port }: Deno.NetAddr) => Deno.stdout.writeSync(new TextEncoder().encode(`${port}\n`));
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, () => new Response(ANSWER, { headers }));
