/**
 * Whether a node is what an operator asked for, and in words why not. What the words mean is in `constraint.ts`.
 * @module
 */
import { type Constraint, SERVICE_SUBJECT } from "./constraint.ts";

/** What is said of a node; a label may have any other name. */
export interface NodeFacts {
  /** The value of a subject; undefined where the node has no such label. */
  valueOf(subject: string): string | undefined;
  /** Whether it carries a replica of that service. */
  carries(service: string): boolean;
}

/** Why a node does not satisfy a constraint, or undefined where it does. */
export function unmet(constraint: Constraint, facts: NodeFacts): string | undefined {
  if (constraint.kind === "label") {
    const { label, wanted } = constraint;
    const value = facts.valueOf(label);
    if ((value !== undefined) === wanted) return undefined;
    return wanted ? `has no label ${label}, wanted exists ${label}` : `has label ${label}, wanted not exists ${label}`;
  }
  const { subject } = constraint;
  const words = wordsOf(constraint);
  if (subject === SERVICE_SUBJECT) {
    const { values, wanted } = namedBy(constraint);
    const carried = values.find((service) => facts.carries(service));
    if ((carried !== undefined) === wanted) return undefined;
    return carried === undefined
      ? `has no replica of ${values.join(" or ")}`
      : `has a replica of ${carried}, wanted ${words}`;
  }
  const value = facts.valueOf(subject);
  if (isSatisfied(constraint, value)) return undefined;
  return value === undefined ? `has no ${subject}, wanted ${words}` : `${subject} is ${value}, wanted ${words}`;
}

/** The services that a wish names. */
export function servicesNamed(constraint: Constraint): readonly string[] {
  return constraint.kind !== "label" && constraint.subject === SERVICE_SUBJECT ? namedBy(constraint).values : [];
}

type Compared = Exclude<Constraint, { kind: "label" }>;

/** A node without the label is as one with another value. */
function isSatisfied(constraint: Compared, value: string | undefined): boolean {
  if (constraint.kind === "among") return constraint.values.includes(value ?? "\0") === constraint.wanted;
  const { is, value: wanted } = constraint;
  if (value === undefined) return is === "!=";
  const order = compare(value, wanted);
  switch (is) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case ">=":
      return order >= 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case "<":
      return order < 0;
    default:
      return is satisfies never;
  }
}

/** By number where both are numbers, else as texts. */
function compare(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  return a === b ? 0 : a < b ? -1 : 1;
}

function isNumber(text: string): boolean {
  return /^-?\d{1,15}(\.\d{1,15})?$/.test(text);
}

function namedBy(constraint: Compared): { values: string[]; wanted: boolean } {
  if (constraint.kind === "among") return constraint;
  return { values: [constraint.value], wanted: constraint.is === "==" };
}

function wordsOf(constraint: Compared): string {
  const { subject } = constraint;
  if (constraint.kind === "compare") return `${subject} ${constraint.is} ${constraint.value}`;
  return `${subject} ${constraint.wanted ? "in" : "not in"} (${constraint.values.join(", ")})`;
}
