import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Diagnosis } from "../../../lib/console/cli/doctor.ts";
import type { RolloutView } from "../../../lib/wire/change.ts";
import { makeAuthority } from "../../../lib/wire/certificates.ts";
import { granted } from "../../support/granted.ts";
import { fakeController, refusal, run } from "./fake_controller.ts";
import {
  answersOf,
  brokenReplica,
  explanationOf,
  nodeView,
  pageOf,
  replicaView,
  serviceView,
} from "./sample_cluster.ts";

type Answers = ReturnType<typeof answersOf>;

const well: Answers = {
  ...answersOf(),
  "/v1/services": () => Response.json(pageOf(serviceView({}, { ready: 2, waiting: [] }))),
  "/v1/replicas": () => Response.json(pageOf(replicaView())),
};

async function diagnose(changed: Answers, files: Record<string, string> = {}) {
  await using fake = fakeController({ ...well, ...changed });
  const env = { MUSTER_SERVER: fake.server, MUSTER_DATA: "/d" };
  const { code, out } = await run(["doctor", "-o", "json"], { env, files, modes: { "/d": 0o755 } });
  const { findings, ...rest } = JSON.parse(out) as Diagnosis;
  return { code, findings: findings.map(({ level, what, where }) => `${level}: ${where}: ${what}`), ...rest };
}

function check(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !granted, fn });
}

check("doctor finds nothing to mend where all is well, and says what it looked at", async () => {
  await using fake = fakeController(well);
  const { code, out } = await run(["doctor", "--server", fake.server]);
  assertEquals(code, 0);
  assertMatch(out, /^✓ the controller answers\n(✓ .*\n)+\nNothing to mend.\n$/);
});

check("doctor says that nobody answers, and looks no further", async () => {
  const fake = fakeController({});
  await fake[Symbol.asyncDispose]();
  const { code, out } = await run(["doctor", "--server", fake.server]);
  assertEquals(code, 1);
  assertMatch(out, /^✗ http.*: Cannot reach the controller at .*: nothing listens there\n +→ start it with/);
  assert(!out.includes("✓"));
});

check("doctor finds nodes that are gone, of another version, or stuck in a drain", async () => {
  const nodes = [
    nodeView({}, { name: "n1", status: "lost" }),
    nodeView({}, { name: "n2", status: "pending" }),
    nodeView({}, { name: "n3", version: "0.0.9", skew: "older" }),
  ];
  const { code, findings } = await diagnose({ "/v1/nodes": () => Response.json(pageOf(...nodes)) });
  assertEquals(code, 1);
  assertEquals(findings, [
    "problem: node n1: it is lost: its agent does not answer",
    "problem: node n2: its agent was never heard at http://127.0.0.1:9090",
    "warning: node n3: its agent has version 0.0.9, which is older than the controller's",
  ]);
});

check("doctor finds services without room, failed and paused rollouts, and what crashes again and again", async () => {
  const rollout: RolloutView = {
    phase: "failed",
    cause: "release",
    from: null,
    to: 3,
    paused: true,
    began: "",
    changed: "",
    reason: "web.0 never got ready",
    last_words: [],
    updated: 0,
  };
  const { code, findings } = await diagnose({
    "/v1/services": () => Response.json(pageOf(serviceView({}, { rollout }))),
    "/v1/replicas": () => Response.json(pageOf(replicaView(), brokenReplica())),
  });
  assertEquals(code, 1);
  assertEquals(findings, [
    "problem: service web: not all of it can run: web.1 waits: no node has room",
    "problem: service web: generation 3 failed: web.0 never got ready",
    "problem: replica web.1: it crashed 5 times: exited with code 1; crash 5 in 5m, restart after 16 s",
    "warning: service web: its rollout to generation 3 is paused",
  ]);
});

check("doctor finds ports that the ingress lacks", async () => {
  const service = serviceView({}, { ready: 2, waiting: [] });
  const reason = "TCP port 5432 of web can't be reached: another program has it";
  const { findings } = await diagnose({
    "/v1/services": () => Response.json(pageOf({ ...service, spec: { ...service.spec, tcp: [{ port: 5_432 }] } })),
    "/v1/explain/web": () => Response.json({ ...explanationOf(), because: ["all is well", reason] }),
  });
  assertEquals(findings, [`problem: service web: ${reason}`]);
});

check("doctor finds a controller that doesn't decide, whose version or clock is another", async () => {
  const { code, findings } = await diagnose({
    "/healthz": () => Response.json({ status: "ok" }, { headers: { date: "Thu, 01 Jan 2026 00:00:00 GMT" } }),
    "/version": () => Response.json({ version: "99.0.0", program: "muster-controller" }),
    "/readyz": () => refusal(503, "2 of 3 nodes have yet to be heard since the start"),
  });
  assertEquals(code, 1);
  assertMatch(findings[0] ?? "", /^problem: .*does not decide: 2 of 3 nodes/);
  assertMatch(findings[1] ?? "", /^warning: .*has version 99.0.0, this command line /);
  assertMatch(findings[2] ?? "", /^warning: .*its clock is .* behind this host's/);
});

check("doctor finds what holds decisions up", async () => {
  const cluster = { id: "c", leader: "l", epoch: 1, version: "1", revision: 1, held_up: "a mass loss: 2 of 3 nodes" };
  const snapshot = { kind: "snapshot", cluster, services: [], nodes: [], replicas: [], events: [], gone: false };
  const { findings } = await diagnose({
    "/v1/watch": () => new Response(`id: 1\ndata: ${JSON.stringify(snapshot)}\n\n`),
  });
  assertMatch(findings.join("\n"), /^problem: .*decisions are held up: a mass loss: 2 of 3 nodes$/);
});

check("doctor finds an authority that ends soon, and has time for one that doesn't", async () => {
  const tenYearsMs = 10 * 365 * 86_400_000;
  const answerOf = async (nowMs: number) => {
    const { certificate } = await makeAuthority("muster", nowMs);
    return {
      "/v1/authority": () => new Response(certificate, { headers: { "content-type": "application/x-pem-file" } }),
    };
  };
  assertEquals((await diagnose(await answerOf(Date.now()))).findings, []);
  const soon = await diagnose(await answerOf(Date.now() - tenYearsMs + 10 * 86_400_000));
  assertMatch(soon.findings.join(), /^warning: the authority: its certificate ends in (9|10) days/);
  const over = await diagnose(await answerOf(Date.now() - tenYearsMs - 86_400_000));
  assertMatch(over.findings.join(), /^problem: the authority: its certificate ended at /);
});

check("doctor finds a data folder on this host that others may read", async () => {
  const { findings } = await diagnose({}, { "/d": "" });
  assertEquals(findings, ["problem: /d: others may read the folder of keys and tokens"]);
});

check("doctor says what it may not look at, and looks at all else", async () => {
  const { code, findings, fine } = await diagnose({ "/v1/nodes": () => refusal(403, "viewers of some services only") });
  assertEquals([code, findings.length, fine.length > 5], [0, 1, true]);
  assertMatch(
    findings[0] ?? "",
    /^warning: .*cannot tell whether all nodes are ready.*: viewers of some services only$/,
  );
});
