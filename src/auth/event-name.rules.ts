import { isLongerThan } from '../lib/text';

/**
 * The form of an event name (contract.graphql, TrackEventInput.name): 1 to `maxLength` characters, counted as Unicode
 * code points, without white space and control characters. Answers what is wrong as a sentence without the name, or
 * null. The name itself is never changed here: it is compared exactly as it stands.
 */
export function findEventNameFault(name: string, maxLength: number): string | null {
  if (name === '') return 'An event name must not be empty.';
  if (isLongerThan(name, maxLength)) return `An event name has at most ${maxLength} characters.`;
  if (!name.isWellFormed()) return 'An event name must be well-formed Unicode.';
  if (/[\s\p{Cc}]/u.test(name)) return 'An event name must not contain white space or control characters.';
  return null;
}

/** Longest name, times the most that NFC can shorten a text. */
const MAX_LENGTH_TO_NORMALIZE = 4 * 200;

/**
 * The form in which names are stored and compared (security.md rule 6). A text that is too long for a name anyway stays
 * as it is: normalising a megabyte of combining marks takes V8 minutes.
 */
export function normalizeEventName(name: string): string {
  return name.length > MAX_LENGTH_TO_NORMALIZE ? name : name.normalize('NFC');
}
