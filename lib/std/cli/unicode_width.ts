/**
 * unicodeWidth(): how many columns of a terminal a text takes, for tables that stay aligned. The widths
 * are those of Unicode 15 (UAX #11): East Asian wide characters and emoji take two columns, marks that
 * combine with the character before them and control characters none, everything else takes one.
 *
 * @module
 */

/** Code points from 0x20 to 0x7e, which most texts consist of, take one column each. */
const PRINTABLE_ASCII = /^[ -~]*$/;

/** Marks, format and control characters, and the Hangul vowels and finals that join the letter before. */
const NO_COLUMN = /^[[\p{Mn}\p{Me}\p{Cf}\p{Cc}\u1160-\u11ff\u{1171e}]--[\xad]]$/v;

/** The wide blocks, and the emoji outside of them. Flags are pairs of letters, each of one column. */
const TWO_COLUMNS = new RegExp(
  `^[${
    [
      String.raw`\u1100-\u115f\u2329\u232a`, // Hangul initials, angle brackets
      String.raw`\u2e80-\u303e\u3041-\u3247\u3250-\u4dbf\u4e00-\ua4cf`, // CJK, Kana, Yi
      String.raw`\ua960-\ua97f\uac00-\ud7a3`, // Hangul
      String.raw`\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f`, // CJK compatibility
      String.raw`\uff01-\uff60\uffe0-\uffe6`, // full-width forms
      String.raw`\u{16fe0}-\u{18d08}\u{1aff0}-\u{1b2fb}`, // Tangut, Khitan, Nushu, Kana supplements
      String.raw`\u{1f200}-\u{1f265}\u{20000}-\u{2fffd}\u{30000}-\u{3fffd}`, // enclosed and further ideographs
      String.raw`[\p{Emoji_Presentation}--[\u{1f1e6}-\u{1f1ff}]]`,
    ].join("")
  }]$`,
  "v",
);

/** The number of columns that `str` takes. Escape sequences for colours must be taken out before. */
export function unicodeWidth(str: string): number {
  if (PRINTABLE_ASCII.test(str)) return str.length;
  let columns = 0;
  for (const character of str) columns += columnsOf(character);
  return columns;
}

function columnsOf(character: string): number {
  if (NO_COLUMN.test(character)) return 0;
  return TWO_COLUMNS.test(character) ? 2 : 1;
}
