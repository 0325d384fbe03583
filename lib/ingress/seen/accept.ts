/**
 * What kind of answer a client would rather read, by its Accept field (RFC 9110 §12.5.1): of a type the most specific range
 * counts, whatever its place. `error_page.ts` asks whether a person or a program is there.
 * @module
 */

const RANGES_MAX = 64;

interface Range {
  type: string;
  quality: number;
}

/** Whether HTML is wanted more than JSON. A client that takes anything is a program. */
export function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const ranges = accept.toLowerCase().split(",", RANGES_MAX).flatMap(rangeOf);
  const json = Math.max(qualityOf("application/problem+json", ranges), qualityOf("application/json", ranges));
  return qualityOf("text/html", ranges) > json;
}

function qualityOf(type: string, ranges: readonly Range[]): number {
  const [family] = type.split("/");
  for (const wanted of [type, `${family}/*`, "*/*"]) {
    const found = ranges.filter((range) => range.type === wanted);
    if (found.length > 0) return Math.max(...found.map(({ quality }) => quality));
  }
  return 0;
}

/** None for a range whose quality can't be read. */
function rangeOf(text: string): Range[] {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim());
  const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  if (quality === undefined) return [{ type, quality: 1 }];
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(quality) ? [{ type, quality: Number(quality) }] : [];
}
