/**
 * The controller's metrics in the text format of Prometheus. Counters live here and are raised by whoever counts;
 * everything that the cluster's state can tell is read from it when it is asked for. No id is ever a label: the number of
 * series must not grow with the age of the cluster.
 * @module
 */
import { phaseOf } from "../cluster/replica.ts";
import type { ClusterState } from "../cluster/state.ts";
import { skewOf } from "../cluster/version_skew.ts";
import { VERSION } from "../runtime/version.ts";
import { NodeStatus, ReplicaPhase } from "../wire/api.ts";

const COMMIT_BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

type Labels = Readonly<Record<string, string>>;

/** A number per set of labels that only grows. */
export class Counter {
  readonly #values = new Map<string, number>();

  add(labels: Labels = {}): void {
    const key = labelText(labels);
    this.#values.set(key, (this.#values.get(key) ?? 0) + 1);
  }

  lines(name: string): string[] {
    return [...this.#values].map(([labels, value]) => `${name}${labels} ${value}`);
  }
}

interface Series {
  labels: Labels;
  counts: number[];
  sumS: number;
  count: number;
}

/** How long something took, in buckets per set of labels. */
export class Histogram {
  readonly #boundsS: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(boundsS: readonly number[]) {
    this.#boundsS = boundsS;
  }

  observe(tookMs: number, labels: Labels = {}): void {
    const series = this.#seriesOf(labels);
    const tookS = tookMs / 1_000;
    series.sumS += tookS;
    series.count += 1;
    this.#boundsS.forEach((bound, index) => {
      if (tookS <= bound) series.counts[index]! += 1;
    });
  }

  lines(name: string): string[] {
    return [...this.#series.values()].flatMap(({ labels, counts, sumS, count }) => {
      const bucket = (le: string, value: number) => `${name}_bucket${labelText({ ...labels, le })} ${value}`;
      return [
        ...this.#boundsS.map((bound, index) => bucket(String(bound), counts[index]!)),
        bucket("+Inf", count),
        `${name}_sum${labelText(labels)} ${sumS}`,
        `${name}_count${labelText(labels)} ${count}`,
      ];
    });
  }

  #seriesOf(labels: Labels): Series {
    const key = labelText(labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const series = { labels, counts: this.#boundsS.map(() => 0), sumS: 0, count: 0 };
    this.#series.set(key, series);
    return series;
  }
}

/** What is counted while the controller runs. */
export class ControllerMetrics {
  readonly probes = new Counter();
  readonly requests = new Counter();
  readonly commits = new Histogram(COMMIT_BUCKETS_S);
}

export interface Exposed {
  metrics: ControllerMetrics;
  state: ClusterState;
  decisions: number;
}

/** One metric with all its lines. */
interface Family {
  name: string;
  type: "counter" | "gauge" | "histogram";
  help: string;
  lines: readonly string[];
}

/** The page of `/metrics`, without what the ingress adds. */
export function metricsText(exposed: Exposed): string {
  const families = [...gauges(exposed.state), ...counted(exposed)];
  return families.map(({ name, type, help, lines }) =>
    [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].map((line) => `${line}\n`).join("")
  ).join("");
}

function gauges(state: ClusterState): Family[] {
  const gauge = (name: string, help: string, lines: readonly string[]): Family => ({
    name,
    type: "gauge",
    help,
    lines,
  });
  const build = `muster_build_info${labelText({ version: VERSION, program: "controller" })} 1`;
  return [
    gauge("muster_build_info", "The version that runs.", [build]),
    gauge("muster_epoch", "The epoch of this leader.", [`muster_epoch ${state.epoch}`]),
    gauge("muster_revision", "The newest revision of the desired state.", [`muster_revision ${state.revision}`]),
    gauge("muster_services", "Services that are kept.", [`muster_services ${state.services.size}`]),
    gauge("muster_service_desired_replicas", "The scale of a service.", perService(state, "desired")),
    gauge("muster_service_ready_replicas", "Replicas of a service that are ready.", perService(state, "ready")),
    gauge("muster_replicas", "Replicas by service and phase.", replicaLines(state)),
    gauge("muster_nodes", "Nodes by liveness.", nodeLines(state)),
    gauge("muster_nodes_version_skew", "Nodes whose version is not this controller's.", [
      `muster_nodes_version_skew ${skewed(state)}`,
    ]),
    gauge("muster_moving_held", "1 while moving waits because most nodes went away together.", [
      `muster_moving_held ${state.massLoss.active ? 1 : 0}`,
    ]),
  ];
}

function counted({ metrics, decisions }: Exposed): Family[] {
  const family = (name: string, help: string, source: Counter | Histogram): Family => {
    return { name, type: source instanceof Histogram ? "histogram" : "counter", help, lines: source.lines(name) };
  };
  return [
    {
      name: "muster_loop_decisions_total",
      type: "counter",
      help: "How often it was looked whether there is anything to decide.",
      lines: [`muster_loop_decisions_total ${decisions}`],
    },
    family("muster_commit_duration_seconds", "Time to commit a decision durably, by how that ended.", metrics.commits),
    family("muster_probes_total", "Health probes of agents by outcome.", metrics.probes),
    family("muster_api_requests_total", "Requests to Muster's own routes.", metrics.requests),
  ];
}

function perService(state: ClusterState, what: "desired" | "ready"): string[] {
  const name = `muster_service_${what}_replicas`;
  return [...state.services.values()].map(({ record, ready }) =>
    `${name}${labelText({ service: record.name })} ${what === "desired" ? record.desired : ready}`
  );
}

function replicaLines(state: ClusterState): string[] {
  const counts = new Map<string, number>();
  for (const service of state.services.keys()) {
    for (const phase of ReplicaPhase.options) counts.set(labelText({ service, phase }), 0);
  }
  for (const replica of state.replicas.values()) {
    const phase = phaseOf(replica, state.nodes.get(replica.record.node));
    const key = labelText({ service: replica.record.service, phase });
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].map(([labels, count]) => `muster_replicas${labels} ${count}`);
}

function nodeLines(state: ClusterState): string[] {
  const counts = new Map<string, number>(NodeStatus.options.map((liveness) => [liveness, 0]));
  for (const { liveness } of state.nodes.values()) counts.set(liveness, (counts.get(liveness) ?? 0) + 1);
  return [...counts].map(([liveness, count]) => `muster_nodes${labelText({ liveness })} ${count}`);
}

function skewed(state: ClusterState): number {
  return state.nodesByName.filter(({ version }) => skewOf(version, VERSION) !== null).length;
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
