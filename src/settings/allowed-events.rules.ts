import { findEventNameFault } from '../auth/event-name.rules';
import { badInput, type InputPath } from '../errors';
import { isLongerThan } from '../lib/text';

export interface AllowedEventsLimits {
  readonly MAX_ALLOWED_EVENTS: number;
  readonly MAX_NAME_LENGTH: number;
}

/** Characters that NFC can make one of: a longer name than this many times the limit stays too long. */
const MAX_COMPOSED = 4;

/** The names as they are stored and compared: NFC, each once, sorted. Throws BAD_USER_INPUT. */
export function parseAllowedEvents(
  names: readonly string[],
  limits: AllowedEventsLimits,
  path: InputPath,
): string[] {
  const distinct = new Set<string>();
  for (const [index, name] of names.entries()) {
    // Looked at first, because the normal form of a long text can take seconds.
    const isHuge = isLongerThan(name, MAX_COMPOSED * limits.MAX_NAME_LENGTH);
    const stored = isHuge ? name : name.normalize('NFC');
    const fault = findEventNameFault(stored, limits.MAX_NAME_LENGTH);
    if (fault) throw badInput(fault, [...path, index]);
    distinct.add(stored);
  }
  if (distinct.size > limits.MAX_ALLOWED_EVENTS) {
    throw badInput(`A key has at most ${limits.MAX_ALLOWED_EVENTS} allowed events.`, path);
  }
  return [...distinct].sort();
}
