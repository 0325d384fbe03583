/**
 * What lies behind the tunnel: "get <bytes>" is answered with so many bytes, "put <bytes>" and so many bytes with "ok".
 * Listens on the port that PORT names.
 * @module
 */
const BUFFER_BYTES = 262_144;

const listener = Deno.listen({ hostname: "127.0.0.1", port: Number(Deno.env.get("PORT")) });
for await (const conn of listener) {
  serve(conn).catch((error) => {
    // A probe connects and goes away.
    if (!(error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe)) throw error;
  });
}

async function serve(conn: Deno.Conn): Promise<void> {
  using _closing = conn;
  const buffer = new Uint8Array(BUFFER_BYTES);
  const read = await conn.read(buffer);
  if (read === null) return;
  const end = buffer.indexOf("\n".charCodeAt(0));
  const [wanted, bytes] = new TextDecoder().decode(buffer.subarray(0, end)).split(" ");
  let left = Number(bytes);
  if (wanted === "get") {
    while (left > 0) left -= await conn.write(buffer.subarray(0, Math.min(left, buffer.length)));
    return;
  }
  left -= read - end - 1;
  while (left > 0) left -= await conn.read(buffer) ?? Infinity;
  await conn.write(new TextEncoder().encode("ok"));
}
