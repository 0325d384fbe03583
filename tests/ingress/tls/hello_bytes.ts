/**
 * A ClientHello as bytes, in one record or in several.
 * @module
 */

export interface HelloParts {
  readonly name?: string | undefined;
  readonly protocols?: readonly string[];
  readonly versions?: readonly number[];
  /** Bytes of a session that is to be resumed. */
  readonly session?: Uint8Array;
}

export function helloMessage(
  { name, protocols = [], versions = [], session = new Uint8Array(0) }: HelloParts,
): number[] {
  const extensions = [
    ...(name === undefined ? [] : [...number(0), ...part(2, part(2, [0, ...part(2, text(name))]))]),
    ...(protocols.length === 0
      ? []
      : [...number(16), ...part(2, part(2, protocols.flatMap((one) => part(1, text(one)))))]),
    ...(versions.length === 0 ? [] : [...number(43), ...part(2, part(1, versions.flatMap(number)))]),
  ];
  const body = [
    ...number(0x0303),
    ...new Array<number>(32).fill(7),
    ...part(1, [...session]),
    ...part(2, number(0x1301)),
    ...part(1, [0]),
    ...part(2, extensions),
  ];
  return [1, ...part(3, body)];
}

/** In records of so many bytes at most. */
export function inRecords(message: readonly number[], recordBytes: number): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < message.length; at += recordBytes) {
    bytes.push(22, 3, 1, ...part(2, message.slice(at, at + recordBytes)));
  }
  return Uint8Array.from(bytes);
}

/** What follows its own length. */
function part(size: 1 | 2 | 3, bytes: readonly number[]): number[] {
  const length = [bytes.length >> 16, bytes.length >> 8 & 0xff, bytes.length & 0xff].slice(3 - size);
  return [...length, ...bytes];
}

function number(value: number): number[] {
  return [value >> 8, value & 0xff];
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value)];
}
