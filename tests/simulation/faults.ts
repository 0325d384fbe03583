/**
 * What can go wrong in a run: each fault begins, and most end after a while. Faults may overlap; at the end of a run
 * everything is set right by `calm`.
 * @module
 */
import { intBetween, type Random } from "../../lib/runtime/random.ts";
import type { Controller } from "./controller.ts";
import type { Host } from "./host.ts";
import { type Network, ROUGH } from "./network.ts";
import type { Timeline } from "./timeline.ts";

export interface Stage {
  timeline: Timeline;
  random: Random;
  network: Network;
  hosts: readonly Host[];
  controller: Controller;
  note: (text: string) => void;
}

type Fault = (stage: Stage, host: Host, forMs: number) => void;

const FAULTS: Record<string, Fault> = {
  "a process dies": (stage, host) => {
    const pids = [...host.processes.keys()];
    const pid = pids[intBetween(stage.random, { min: 0, max: Math.max(0, pids.length - 1) })];
    if (pid !== undefined) host.endProcess(pid);
  },
  "an agent is killed": (stage, host, forMs) => {
    host.killAgent();
    stage.timeline.after(forMs, () => host.isUp && host.startAgent());
  },
  "an agent is restarted at once": (stage, host) => {
    host.killAgent();
    stage.timeline.after(300, () => host.isUp && host.startAgent());
  },
  "an agent drains and leaves": (stage, host, forMs) => {
    host.input({ kind: "leave", replicas: "drained" });
    stage.timeline.after(forMs + 30_000, () => host.isUp && host.startAgent());
  },
  "an agent leaves its replicas": (stage, host, forMs) => {
    host.input({ kind: "leave", replicas: "left" });
    stage.timeline.after(forMs, () => host.isUp && host.startAgent());
  },
  "an agent freezes": (stage, host, forMs) => {
    host.freeze();
    stage.timeline.after(forMs, () => host.thaw());
  },
  "a host dies": (stage, host, forMs) => {
    host.powerOff();
    stage.timeline.after(forMs, () => host.powerOn());
  },
  "a host is cut off": (stage, host, forMs) => {
    stage.network.cut(host.name, ["to_host", "to_controller"]);
    stage.timeline.after(forMs, () => stage.network.mend(host.name));
  },
  "a host hears nothing": (stage, host, forMs) => {
    stage.network.cut(host.name, ["to_host"]);
    stage.timeline.after(forMs, () => stage.network.mend(host.name));
  },
  "a host is not heard": (stage, host, forMs) => {
    stage.network.cut(host.name, ["to_controller"]);
    stage.timeline.after(forMs, () => stage.network.mend(host.name));
  },
  "the network is rough": (stage, host, forMs) => {
    stage.network.setWeather(host.name, ROUGH);
    stage.timeline.after(forMs, () => stage.network.mend(host.name));
  },
  "most hosts are cut off": (stage, _host, forMs) => {
    const most = stage.hosts.slice(0, Math.floor(stage.hosts.length / 2) + 1);
    for (const one of most) stage.network.cut(one.name, ["to_host", "to_controller"]);
    stage.timeline.after(forMs, () => most.forEach((one) => stage.network.mend(one.name)));
  },
  "the controller is killed": (stage, _host, forMs) => {
    stage.controller.kill();
    stage.timeline.after(forMs, () => stage.controller.start());
  },
  "the controller freezes": (stage, _host, forMs) => {
    stage.controller.freeze();
    stage.timeline.after(forMs, () => stage.controller.thaw());
  },
};

/** Lets one fault happen. */
export function strike(stage: Stage): void {
  const { random, hosts } = stage;
  const names = Object.keys(FAULTS);
  const name = names[intBetween(random, { min: 0, max: names.length - 1 })]!;
  const host = hosts[intBetween(random, { min: 0, max: hosts.length - 1 })]!;
  const forMs = Math.round(10 ** (2.3 + random.next() * 2.6));
  stage.note(`fault: ${name} (${host.name}, ${forMs} ms)`);
  FAULTS[name]!(stage, host, forMs);
}

/** Ends all faults. */
export function calm(stage: Stage): void {
  stage.note("all faults end");
  for (const host of stage.hosts) {
    stage.network.mend(host.name);
    host.thaw();
    if (!host.isUp) host.powerOn();
    // One that is on its way out ends first; the next start is its own.
    if (host.agent === undefined) host.startAgent();
  }
  stage.controller.thaw();
  stage.controller.start();
}
