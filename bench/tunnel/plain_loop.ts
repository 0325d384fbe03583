/**
 * The least that carries bytes in Deno: a loop with a 256 KiB buffer each way, to the port that it is given, without
 * admission, deadlines or counts. Prints its own port.
 * @module
 */
const BUFFER_BYTES = 262_144;

const [port] = Deno.args;
const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
Deno.stdout.writeSync(new TextEncoder().encode(`${listener.addr.port}\n`));
for await (const client of listener) await carry(client);

async function carry(client: Deno.TcpConn): Promise<void> {
  using _client = client;
  using replica = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  await Promise.all([copy(client, replica), copy(replica, client)]);
}

async function copy(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
  const buffer = new Uint8Array(BUFFER_BYTES);
  for (let read = await from.read(buffer); read !== null; read = await from.read(buffer)) {
    for (let at = 0; at < read;) at += await to.write(buffer.subarray(at, read));
  }
  await to.closeWrite();
}
