/** Whether a text has more characters (Unicode code points, as PostgreSQL counts them) than `maxLength`. */
export function isLongerThan(text: string, maxLength: number): boolean {
  if (text.length <= maxLength) return false;
  // A code point takes at most two UTF-16 units, so a huge text is refused before it is taken apart.
  return text.length > 2 * maxLength || [...text].length > maxLength;
}

/** What PostgreSQL stores neither in text nor in jsonb (rule 19), as the end of a sentence without the text; or null. */
export function findTextFault(text: string): string | null {
  if (text.includes('\0')) return 'contains a NUL character';
  return text.isWellFormed() ? null : 'contains half of a surrogate pair';
}

/**
 * What is wrong with a single line of text for people, as the end of a sentence without the text; or null.
 * NUL and lone surrogates cannot be stored (rule 19), other control characters could forge what a terminal shows.
 */
export function findLineFault(text: string, maxLength: number): string | null {
  if (isLongerThan(text, maxLength)) return `has at most ${maxLength} characters`;
  if (!text.isWellFormed()) return 'must be well-formed Unicode';
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text)) return 'must not contain control characters';
  return null;
}
