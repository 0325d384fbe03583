/**
 * Header and trailer fields: a plain list of name and value in the order and spelling in which they were sent. Names
 * are looked up without regard to case; the name asked for is given in lower case.
 * @module
 */

export type Field = readonly [name: string, value: string];
export type Fields = readonly Field[];

export const NO_FIELDS: Fields = [];

/** The value of the first field of that name. */
export function fieldValue(fields: Fields, name: string): string | undefined {
  for (const field of fields) {
    if (isNamed(field, name)) return field[1];
  }
  return undefined;
}

/** Whether a field bears that name. The lengths are compared first: most fields differ there already. */
export function isNamed(field: Field, name: string): boolean {
  return field[0].length === name.length && (field[0] === name || field[0].toLowerCase() === name);
}

/** The members of a list field over all its lines, in lower case: for `Connection`, `Transfer-Encoding`, `TE`. */
export function listMembers(fields: Fields, name: string): string[] {
  const members: string[] = [];
  for (const field of fields) {
    if (!isNamed(field, name)) continue;
    for (const member of field[1].split(",")) {
      const word = member.trim().toLowerCase();
      if (word !== "") members.push(word);
    }
  }
  return members;
}
