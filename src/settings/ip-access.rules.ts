import { ApiError, badInput, type InputPath } from '../errors';
import { parseIpRange } from '../lib/ip-range';
import { findLineFault } from '../lib/text';

const MAX_DESCRIPTION_LENGTH = 200;

/** An entry of an allow-list before it is stored: canonical range, description or null. */
export interface IpRangeDraft {
  readonly range: string;
  readonly description: string | null;
}

interface IpRangeText {
  readonly range: string;
  readonly description?: string | null;
}

/** `path` is where the object stands that holds `range` and `description`. Throws BAD_USER_INPUT. */
export function parseIpRangeDraft(text: IpRangeText, path: InputPath): IpRangeDraft {
  const range = parseIpRange(text.range);
  if ('fault' in range) throw badInput(`The range ${range.fault}.`, [...path, 'range']);
  const description = text.description ?? null;
  const fault = findLineFault(description ?? '', MAX_DESCRIPTION_LENGTH);
  if (fault) throw badInput(`The description ${fault}.`, [...path, 'description']);
  return { range: range.text, description };
}

/** The whole list or nothing (rule 9). Throws BAD_USER_INPUT. */
export function parseIpRangeDrafts(
  texts: readonly IpRangeText[],
  maxCount: number,
  path: InputPath,
): IpRangeDraft[] {
  if (texts.length > maxCount) throw tooManyRanges(maxCount, path);
  const seen = new Set<string>();
  return texts.map((text, index) => {
    const draft = parseIpRangeDraft(text, [...path, index]);
    if (seen.has(draft.range)) throw badInput('The range is listed twice.', [...path, index, 'range']);
    seen.add(draft.range);
    return draft;
  });
}

/** Whether one more fits beside the stored ones. Throws CONFLICT for a repeat, BAD_USER_INPUT beyond the limit. */
export function requireRoomFor(
  draft: IpRangeDraft,
  stored: readonly { readonly range: string }[],
  maxCount: number,
): void {
  if (stored.some(({ range }) => range === draft.range)) {
    throw new ApiError('CONFLICT', 'This range is on the list already.');
  }
  if (stored.length >= maxCount) throw tooManyRanges(maxCount, ['input', 'range']);
}

function tooManyRanges(maxCount: number, path: InputPath): ApiError {
  return badInput(`A key has at most ${maxCount} IP ranges.`, path);
}
