/**
 * What is carried where much is carried.
 * @module
 */
export const BODY_BYTES = 100_000_000;
export const TCP_BYTES = 1_024 ** 3;
