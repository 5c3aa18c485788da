import { badInput, type InputPath } from '../errors';
import { isLongerThan } from '../lib/text';

const MIN_EMAIL_LENGTH = 3;
/** In UTF-16 units. */
export const MAX_EMAIL_LENGTH = 254;
const MIN_PASSWORD_LENGTH = 12;
/** In characters, as they were typed. */
export const MAX_PASSWORD_LENGTH = 256;

/** One @ with something on both sides; no white space, control, invisible or broken characters. */
const EMAIL = /^[^@\s\p{Cc}\p{Cf}\p{Cs}]+@[^@\s\p{Cc}\p{Cf}\p{Cs}]+$/u;

/** Only the form: whether mail arrives there is another question. */
export function isEmail(text: string): boolean {
  return text.length >= MIN_EMAIL_LENGTH && text.length <= MAX_EMAIL_LENGTH && EMAIL.test(text);
}

/** Throws BAD_USER_INPUT. */
export function requireEmail(text: string, path: InputPath): void {
  if (isEmail(text)) return;
  throw badInput(
    `An e-mail address has ${MIN_EMAIL_LENGTH}-${MAX_EMAIL_LENGTH} characters and one @, and no spaces.`,
    path,
  );
}

/** For passwords that are being set. Throws BAD_USER_INPUT. */
export function requireNewPassword(password: string, path: InputPath): void {
  const isShort = !isLongerThan(password, MIN_PASSWORD_LENGTH - 1);
  if (isShort || isLongerThan(password, MAX_PASSWORD_LENGTH)) {
    throw badInput(`A password has ${MIN_PASSWORD_LENGTH}-${MAX_PASSWORD_LENGTH} characters.`, path);
  }
  if (!password.isWellFormed()) throw badInput('A password must be well-formed Unicode.', path);
}
