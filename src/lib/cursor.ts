/** An opaque cursor: the sort key of a row, as base64url of a JSON array. Not secret, and never trusted when it returns. */
export function encodeCursor(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * The `count` parts of a cursor; null when the text is not one that `encodeCursor` makes. Parts are free of NUL and lone
 * surrogates, so they can be bound as text; what they mean is for the caller to check.
 */
export function decodeCursor(cursor: string, count: number): string[] | null {
  const parts = parseJson(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(parts) || parts.length !== count || !parts.every(isStorableText)) return null;
  return encodeCursor(parts) === cursor ? parts : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isStorableText(part: unknown): part is string {
  return typeof part === 'string' && !part.includes('\0') && part.isWellFormed();
}
