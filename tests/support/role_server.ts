/**
 * A program with a role, as a database has one: on the port `db` it says which slot it is to whoever connects, then echoes;
 * on its main port `/primary` is good while the file that it was given holds its slot.
 * @module
 */
import { writeAll } from "../../lib/agent/http/http_connection.ts";

const [file = ""] = Deno.args;
const slot = Deno.env.get("MUSTER_SLOT") ?? "";
const hostname = "127.0.0.1";

Deno.serve({ hostname, port: Number(Deno.env.get("PORT")), onListen: () => {} }, (request) => {
  const isPrimary = Deno.readTextFileSync(file).trim() === slot;
  const isGood = new URL(request.url).pathname !== "/primary" || isPrimary;
  return new Response(null, { status: isGood ? 200 : 503 });
});

for await (const conn of Deno.listen({ hostname, port: Number(Deno.env.get("PORT_DB")) })) {
  void (async () => {
    await writeAll(conn, new TextEncoder().encode(`slot ${slot}\n`));
    await conn.readable.pipeTo(conn.writable);
  })().catch(() => conn.close());
}
