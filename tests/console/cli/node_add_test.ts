import { assertEquals } from "@std/assert";
import { granted } from "../../support/granted.ts";
import { fakeController, run } from "./fake_controller.ts";

const URL_GIVEN = "http://127.0.0.1:9091";

Deno.test({
  name: "node add says how the node stands, and node activate that it takes replicas again",
  ignore: !granted,
  fn: async () => {
    const statuses = ["ready", "pending"];
    await using fake = fakeController({
      "/add-node": async (request) => {
        const { url } = await request.json();
        return Response.json({ id: "n1", name: "alpha", url, status: statuses.shift() }, { status: 201 });
      },
      "/v1/nodes/alpha/activate": () =>
        Response.json(
          { id: "n1", name: "alpha", draining: false, deadline: null, labels: {}, revision: 6 },
          { status: 202 },
        ),
    });
    const env = { MUSTER_SERVER: fake.server };
    const line = ["node", "add", URL_GIVEN];
    assertEquals((await run(line, { env })).out, `alpha: ready at ${URL_GIVEN}\n`);
    const more = "(it doesn't answer yet, and is tried on)";
    assertEquals((await run(line, { env })).out, `alpha: pending at ${URL_GIVEN} ${more}\n`);
    assertEquals((await run(["node", "activate", "alpha"], { env })).out, "alpha: is active, as of revision 6\n");
    for (const command of ["add", "activate", "rm", "drain"]) assertEquals((await run(["node", command])).code, 2);
  },
});
