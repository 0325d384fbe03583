/**
 * What a node has, what is reserved of it, and what is used, now and since one looks.
 * @module
 */
import { useRef } from "preact/hooks";
import type { NodeView } from "../../../../wire/api.ts";
import type { UsageView } from "../../../../wire/usage.ts";
import { Card, Fact, Facts } from "../../components/card.tsx";
import { Chart } from "../../components/chart.tsx";
import { BINARY_STEPS, decimalSteps } from "../../components/chart_steps.ts";
import { bytes, cores, mebibytes } from "../../format.ts";

const POINTS_MAX = 300;
const MIB = 1_048_576;
/** From a hundredth of a core on. */
const CORE_STEPS = decimalSteps(-2);

interface Point {
  at: number;
  cpu: number | null;
  memory: number | null;
}

export function UsageCard({ node, usage }: { node: NodeView; usage: UsageView | undefined }) {
  const points = useCourse(node.id, usage);
  const { capacity, reserved } = node;
  const last = points.at(-1);
  const times = points.map(({ at }) => at);
  const constant = (value: number) => points.map(() => value);
  return (
    <Card title="Capacity" aside="reserved is what services asked for, used is what they take">
      <div class="stack">
        <Facts>
          <Fact term="Cores">{`${cores(capacity.cpu)}, ${cores(reserved.cpu)} reserved`}</Fact>
          <Fact term="Memory">{`${mebibytes(capacity.memory)}, ${mebibytes(reserved.memory)} reserved`}</Fact>
          <Fact term="Replicas">{node.replicas}</Fact>
        </Facts>
        {points.length === 0 ? <p class="faint">Measuring …</p> : (
          <div class="charts">
            <Chart
              title="Cores used"
              now={last?.cpu === null || last === undefined ? "–" : cores(last.cpu)}
              times={times}
              lines={[
                { label: "used", color: "busy", values: points.map(({ cpu }) => cpu), fill: true },
                { label: "reserved", color: "muted", values: constant(reserved.cpu) },
              ]}
              format={cores}
              steps={CORE_STEPS}
            />
            <Chart
              title="Memory used"
              now={last?.memory === null || last === undefined ? "–" : bytes(last.memory)}
              times={times}
              lines={[
                { label: "used", color: "busy", values: points.map(({ memory }) => memory), fill: true },
                { label: "reserved", color: "muted", values: constant(reserved.memory * MIB) },
              ]}
              format={bytes}
              steps={BINARY_STEPS}
            />
          </div>
        )}
      </div>
    </Card>
  );
}

/** The figures since the page is looked at: the controller keeps none of the past. */
function useCourse(id: string, usage: UsageView | undefined): readonly Point[] {
  const course = useRef<readonly Point[]>([]);
  const now = usage?.nodes.find((node) => node.id === id);
  if (usage !== undefined && now !== undefined) {
    const at = Date.parse(usage.at) / 1_000;
    if (at > (course.current.at(-1)?.at ?? 0)) {
      course.current = [...course.current, { at, cpu: now.cpu, memory: now.memory_bytes }].slice(-POINTS_MAX);
    }
  }
  return course.current;
}
