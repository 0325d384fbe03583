/**
 * What may not stand where a chunk's size does, for whoever reads chunks, alone or behind a port.
 * @module
 */

export const BAD_CHUNK_SIZES: readonly string[] = [
  ...["0x5", "+5", "-5", " 5", "5 ", "5 ;a=b", "g", "", "12345678901234"],
  ...["5;", "5;a b", "5;=b", "5;a=\x01", '5;a="b', "5\r;a"],
];
