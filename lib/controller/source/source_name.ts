/**
 * What an operator may give as `--file`: a path, or an object in S3-compatible storage. Which of them it is shows in the
 * text alone; whether it can be read is seen later, as it may come to be at any time.
 * @module
 */

const KEY_BYTES_MAX = 1_024;
const POSSIBLE = "expected a file, a folder, or s3://bucket/key";

export type SourceName = { kind: "file"; path: string } | { kind: "s3"; bucket: string; key: string };

/** Reads what was given, or says in words what is wrong with it. */
export function readSourceName(text: string): SourceName | { kind: "refused"; detail: string } {
  const [, scheme, rest = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme?.toLowerCase() === "s3") return readObjectName(rest);
  if (scheme !== undefined) return refused(`"${scheme}://" can't be read from here; ${POSSIBLE}`);
  if (text.trim() === "" || text.includes("\0")) return refused(`it is no path; ${POSSIBLE}`);
  return { kind: "file", path: text };
}

/** The name in the words of the operator, more or less: for the log. */
export function sourceText(name: SourceName): string {
  return name.kind === "file" ? name.path : `s3://${name.bucket}/${name.key}`;
}

function readObjectName(text: string): SourceName | { kind: "refused"; detail: string } {
  const slash = text.indexOf("/");
  const [bucket, key] = slash < 0 ? [text, ""] : [text.slice(0, slash), text.slice(slash + 1)];
  if (!/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/i.test(bucket)) {
    return refused(`"${bucket}" is no name of a bucket; expected s3://bucket/key`);
  }
  if (key === "" || key.endsWith("/")) return refused("it names no object; expected s3://bucket/key");
  if (new TextEncoder().encode(key).length > KEY_BYTES_MAX) {
    return refused(`its key has more than ${KEY_BYTES_MAX} bytes`);
  }
  // A URL has no place for these segments: the request would ask for something else.
  if (key.startsWith("/") || key.split("/").some((segment) => segment === "." || segment === "..")) {
    return refused(
      'a key with a leading "/", or with "." or ".." between slashes, can\'t be asked for; rename the object',
    );
  }
  return { kind: "s3", bucket, key };
}

function refused(detail: string): { kind: "refused"; detail: string } {
  return { kind: "refused", detail };
}
