/**
 * What can go wrong in a run: each fault begins, and most end after a while. Faults may overlap; at the end of a run
 * everything is set right by `calm`.
 * @module
 */
import { intBetween } from "../../lib/runtime/random.ts";
import type { Controller } from "./controller.ts";
import type { Host } from "./host.ts";
import { type Direction, ROUGH } from "./network.ts";
import { type Deed, leaderOf, type Stage } from "./stage.ts";

type Fault = (stage: Stage, deed: Deed) => void;

export const BOTH: Direction[] = ["to_host", "to_controller"];
/** A crowd of other programs that comes and goes. */
const CROWD = { min: 20, max: 50 };
const KEPT_COMMITS = 3;
const DRAIN_MS = 30_000;
const APART_MS = 60_000;
const RESTART_MS = 300;
/** By then the first restart's orders were sent, and those that are late are still on their way. */
const AGAIN_MS = 3_000;
const LATE_MS = 10_000;

export const FAULTS: Record<string, Fault> = {
  "a process dies": (_stage, { host, random }) => {
    const processes = host.table.own;
    const process = processes[Math.floor(random.next() * processes.length)];
    if (process !== undefined) host.end(process);
  },
  "other programs come and go": ({ timeline }, { host, random, forMs }) => {
    for (let left = intBetween(random, CROWD); left > 0 && host.isUp; left--) {
      const lifeMs = Math.round(random.next() * forMs);
      const process = host.begin(undefined, { readyAfterMs: 0, crashAfterMs: undefined, endsAfterMs: 0 });
      if (process !== undefined) timeline.after(lifeMs, () => host.end(process));
    }
  },
  "an agent is away while pids are used anew": (stage, deed) => {
    const { host, random } = deed;
    host.killAgent();
    for (const process of host.table.own) if (random.next() < 0.5) host.end(process);
    FAULTS["other programs come and go"]?.(stage, deed);
    stage.timeline.after(deed.forMs / 4, () => host.startAgent());
  },
  "an agent is killed": ({ timeline }, { host, forMs }) => {
    host.killAgent();
    timeline.after(forMs, () => host.startAgent());
  },
  "an agent is restarted at once": ({ timeline }, { host }) => {
    host.killAgent();
    timeline.after(300, () => host.startAgent());
  },
  "the memory of an agent is lost": ({ timeline }, { host, forMs }) => {
    host.forgetOrders();
    timeline.after(forMs, () => host.startAgent());
  },
  "the memory of an agent is lost while orders are late": (stage, { host }) => {
    roughen(stage, host, LATE_MS);
    // What was sent before that may come after it.
    stage.timeline.after(AGAIN_MS, () => {
      host.forgetOrders();
      stage.timeline.after(RESTART_MS, () => host.startAgent());
    });
  },
  "an agent drains and leaves": ({ timeline }, { host, forMs }) => {
    host.agent?.take({ kind: "leave", replicas: "drained" });
    timeline.after(forMs + DRAIN_MS, () => host.startAgent());
  },
  "most agents drain and leave": ({ timeline, hosts }, { forMs }) => {
    for (const host of mostOf(hosts)) {
      host.agent?.take({ kind: "leave", replicas: "drained" });
      timeline.after(forMs + DRAIN_MS, () => host.startAgent());
    }
  },
  "an agent leaves at once while most hosts are cut off": (stage, { host, forMs }) => {
    const others = stage.hosts.filter((other) => other !== host);
    cut(stage, mostOf(others), { directions: BOTH, forMs: APART_MS });
    stage.timeline.after(APART_MS / 8, () => {
      host.agent?.take({ kind: "leave", replicas: "drained" });
      host.agent?.take({ kind: "leave_now" });
    });
    stage.timeline.after(forMs + APART_MS, () => host.startAgent());
  },
  "an agent leaves its replicas": ({ timeline }, { host, forMs }) => {
    host.agent?.take({ kind: "leave", replicas: "left" });
    timeline.after(forMs, () => host.startAgent());
  },
  "an agent freezes": ({ timeline }, { host, forMs }) => {
    if (host.agent !== undefined) host.agent.frozen = true;
    timeline.after(forMs, () => host.agent?.thaw());
  },
  "a host's disk is full": ({ timeline }, { host, forMs }) => {
    host.disk.full = true;
    timeline.after(forMs, () => {
      host.disk.full = false;
    });
  },
  "a host dies": ({ timeline }, { host, forMs }) => {
    host.powerOff();
    timeline.after(forMs, () => host.powerOn());
  },
  "a host is set up anew": ({ timeline, addresses }, { host, forMs }) => {
    if ([...addresses].some(([name, { name: answers }]) => name !== answers)) return;
    host.wipe();
    timeline.after(forMs, () => host.powerOn());
  },
  "a host is cut off": (stage, { host, forMs }) => cut(stage, [host], { directions: BOTH, forMs }),
  "a host hears nothing": (stage, { host, forMs }) => cut(stage, [host], { directions: ["to_host"], forMs }),
  "a host is not heard": (stage, { host, forMs }) => cut(stage, [host], { directions: ["to_controller"], forMs }),
  "another agent answers at a host's address": (stage, { host, random, forMs }) => {
    const { timeline, ledger, hosts, addresses } = stage;
    const other = hosts[intBetween(random, { min: 0, max: hosts.length - 1 })] ?? host;
    const nodes = [...ledger.records.values()].flatMap(({ record }) => record.type === "node" ? [record.identity] : []);
    // An agent that nobody knows yet would rightly be taken for the node's own, set up anew.
    if (!nodes.includes(host.identity) || !nodes.includes(other.identity)) return;
    addresses.set(host.name, other);
    timeline.after(forMs, () => addresses.set(host.name, host));
  },
  "a probe is lost": (stage, { host }) => cut(stage, [host], { directions: BOTH, forMs: 700 }),
  "most hosts are cut off": (stage, { forMs }) => cut(stage, mostOf(stage.hosts), { directions: BOTH, forMs }),
  "the network is rough": (stage, { host, forMs }) => roughen(stage, host, forMs),
  "a controller is killed": ({ timeline, ...stage }, { random, forMs }) => {
    const controller = oneOf(stage, random.next());
    controller.kill();
    timeline.after(forMs, () => controller.start());
  },
  "a controller is restarted at once, and again while orders are late": (stage, { host, random }) => {
    const controller = oneOf(stage, random.next());
    const restart = () => {
      controller.kill();
      stage.timeline.after(RESTART_MS, () => controller.start());
    };
    roughen(stage, host, LATE_MS);
    restart();
    stage.timeline.after(AGAIN_MS, () => stage.isCalm() || restart());
  },
  "the leader freezes": (stage, { forMs }) => {
    const leader = leaderOf(stage);
    leader?.freeze();
    stage.timeline.after(forMs, () => leader?.thaw());
  },
  "the leader is cut off from the store": (stage, { forMs }) => {
    const at = stage.controllers.findIndex((controller) => controller === leaderOf(stage));
    const seat = stage.shared?.seats[at];
    seat?.cut();
    stage.timeline.after(forMs, () => seat?.mend());
  },
  "the controllers are cut off from the store": ({ timeline, shared }, { forMs }) => {
    for (const seat of shared?.seats ?? []) {
      seat.cut();
      timeline.after(forMs, () => seat.mend());
    }
  },
  "the leader is cut off from all hosts": (stage, { forMs }) => {
    const network = leaderOf(stage)?.network;
    for (const { name } of stage.hosts) {
      network?.cut(name, BOTH);
      stage.timeline.after(forMs, () => network?.mend(name));
    }
  },
  "the store has no quorum": ({ timeline, shared }, { forMs }) => {
    shared?.loseQuorum();
    timeline.after(forMs, () => shared?.regainQuorum());
  },
  "the store is compacted": ({ ledger }) => ledger.compact(KEPT_COMMITS),
  "the store is full": ({ timeline, ledger }, { forMs }) => {
    ledger.isFull = true;
    timeline.after(forMs, () => {
      ledger.isFull = false;
    });
  },
};

/** Ends all faults. */
export function calm(stage: Stage): void {
  stage.note("all faults end");
  stage.ledger.isFull = false;
  stage.shared?.regainQuorum();
  for (const seat of stage.shared?.seats ?? []) seat.mend();
  for (const host of stage.hosts) {
    stage.addresses.set(host.name, host);
    for (const { network } of stage.controllers) network.mend(host.name);
    host.disk.full = false;
    host.agent?.thaw();
    if (!host.isUp) host.powerOn();
    // One that is on its way out ends first; the next start is its own.
    host.startAgent();
  }
  for (const controller of stage.controllers) {
    controller.thaw();
    controller.start();
  }
}

/** Cuts hosts off from all controllers for a while. */
export function cut(
  { timeline, controllers }: Stage,
  hosts: readonly Host[],
  how: { directions: Direction[]; forMs: number },
) {
  for (const { network } of controllers) {
    for (const { name } of hosts) {
      network.cut(name, how.directions);
      timeline.after(how.forMs, () => network.mend(name));
    }
  }
}

function roughen({ timeline, controllers }: Stage, { name }: Host, forMs: number): void {
  for (const { network } of controllers) {
    network.setWeather(name, ROUGH);
    timeline.after(forMs, () => network.mend(name));
  }
}

function mostOf(hosts: readonly Host[]): readonly Host[] {
  return hosts.slice(0, Math.floor(hosts.length / 2) + 1);
}

/** Mostly the leader, where there are two. */
function oneOf(stage: Pick<Stage, "controllers">, chance: number): Controller {
  const leader = leaderOf(stage) ?? stage.controllers[0]!;
  return chance < 0.7 ? leader : stage.controllers.find((controller) => controller !== leader) ?? leader;
}
