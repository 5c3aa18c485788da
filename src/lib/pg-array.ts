/**
 * Array literals of PostgreSQL (manual, "Array Input and Output Syntax"). `pg` makes them too, and takes three times as
 * long: it looks at the type of each element and quotes all of them. Each event is in fifteen of them.
 */

const SPECIAL = /["\\]/;
const ALL_SPECIAL = /["\\]/g;

/** Of elements without quotes, backslashes, commas, braces, white space: ids, numbers, times of `toISOString`. */
export function toPgPlainArray(elements: readonly string[]): string {
  return `{${elements.join(',')}}`;
}

/** Of any texts. */
export function toPgArray(elements: readonly (string | null)[]): string {
  return `{${elements.map(quote).join(',')}}`;
}

/** Of texts that are JSON, which has no raw control characters: then JSON's quoting is PostgreSQL's, and native. */
export function toPgJsonArray(jsons: readonly (string | null)[]): string {
  return `{${JSON.stringify(jsons).slice(1, -1)}}`;
}

function quote(text: string | null): string {
  if (text === null) return 'NULL';
  return SPECIAL.test(text) ? `"${text.replace(ALL_SPECIAL, '\\$&')}"` : `"${text}"`;
}
