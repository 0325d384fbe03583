/**
 * That a host is not let in, for a reason that trying again will not change: the operator has to do something.
 * @module
 */
export class JoinRefused extends Error {
  override readonly name = "JoinRefused";
}
