/**
 * What the proxy counts, in the text format of Prometheus. Kept as plain numbers: noting an answer must cost next to
 * nothing. A duration ends with the answer's head; bodies take as long as clients let them.
 * @module
 */

const BUCKETS_S = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export class ProxyMetrics {
  readonly #service: string;
  /** By the first digit of the status. */
  readonly #answers = [0, 0, 0, 0, 0, 0];
  readonly #buckets = BUCKETS_S.map(() => 0);
  #secondsSum = 0;
  inFlight = 0;
  retries = 0;
  ejections = 0;
  webSockets = 0;

  constructor(service: string) {
    this.#service = service;
  }

  /** Notes an answer. */
  answered(status: number, tookMs: number): void {
    const digit = Math.trunc(status / 100);
    this.#answers[digit] = (this.#answers[digit] ?? 0) + 1;
    const tookS = tookMs / 1_000;
    this.#secondsSum += tookS;
    const bucket = BUCKETS_S.findIndex((bound) => tookS <= bound);
    if (bucket !== -1) this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
  }

  text(): string {
    const label = `service="${this.#service}"`;
    const duration = "muster_proxy_request_duration_seconds";
    const answers = this.#answers.flatMap((count, digit) =>
      count === 0 ? [] : [`muster_proxy_requests_total{${label},code="${digit}xx"} ${count}`]
    );
    let within = 0;
    const buckets = BUCKETS_S.map((bound, index) => {
      within += this.#buckets[index] ?? 0;
      return `${duration}_bucket{${label},le="${bound}"} ${within}`;
    });
    const total = this.#answers.reduce((sum, count) => sum + count, 0);
    return [
      head("muster_proxy_requests_total", "counter", "Requests answered, by class of status."),
      ...answers,
      head(duration, "histogram", "Time to the head of an answer."),
      ...buckets,
      `${duration}_bucket{${label},le="+Inf"} ${total}`,
      `${duration}_sum{${label}} ${this.#secondsSum}`,
      `${duration}_count{${label}} ${total}`,
      head("muster_proxy_retries_total", "counter", "Requests sent to a second replica."),
      `muster_proxy_retries_total{${label}} ${this.retries}`,
      head("muster_proxy_ejections_total", "counter", "Replicas found dead and taken out."),
      `muster_proxy_ejections_total{${label}} ${this.ejections}`,
      head("muster_proxy_requests_in_flight", "gauge", "Requests that wait for the head of an answer."),
      `muster_proxy_requests_in_flight{${label}} ${this.inFlight}`,
      head("muster_proxy_websockets", "gauge", "WebSockets that are open."),
      `muster_proxy_websockets{${label}} ${this.webSockets}`,
      "",
    ].join("\n");
  }
}

function head(name: string, type: "counter" | "gauge" | "histogram", help: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}`;
}
