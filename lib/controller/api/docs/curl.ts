/**
 * A request as one types it into curl, which needs no headers here.
 * @module
 */
import type { OperationObject } from "../openapi/operation_object.ts";

export const YAML_MEDIA_TYPE = "application/yaml";
/** Where a spec is kept. */
export const YAML_FILE = "web.yaml";

/** What stands for a name in a path: that of what comes before it. */
const IN_PATH: readonly [RegExp, string][] = [
  [/\/nodes\/\{id\}/, "host-a"],
  [/\/tokens\/\{id\}/, "ci"],
  [/\/replicas\/\{id\}/, "6f1c2f4e-8a4b-4c0e-9d2b-5a1f0c3e7b91"],
  [/\{digest\}/, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
  [/\{name\}/, "web"],
];

export function curlOf(
  { method, path, operation }: { method: string; path: string; operation: OperationObject },
  origin: string,
): string {
  const [, value = "…"] = IN_PATH.find(([place]) => place.test(path)) ?? [];
  const url = `${origin}${path.replaceAll(/\{\w+\}/g, value)}`;
  const types = Object.values(operation.responses).flatMap((answer) =>
    "content" in answer ? Object.keys(answer.content ?? {}) : []
  );
  const isStream = types[0] === "text/event-stream" || types[0] === "application/x-ndjson";
  const words = [
    "curl",
    ...(isStream ? ["-N"] : []),
    ...(method === "GET" || (method === "POST" && operation.requestBody !== undefined) ? [] : [`-X ${method}`]),
    url,
  ];
  return [words.join(" "), ...bodyOf(operation)].join(" \\\n  ");
}

function bodyOf({ requestBody }: OperationObject): string[] {
  const [first] = Object.entries(requestBody?.content ?? {});
  if (first === undefined) return [];
  const [type, { example }] = first;
  if (type === YAML_MEDIA_TYPE) return [`--data-binary @${YAML_FILE}`];
  if (example === undefined) return [type === "application/json" ? "-d @body.json" : "--data-binary @file"];
  return [`-d '${JSON.stringify(example).replaceAll("'", "'\\''")}'`];
}
