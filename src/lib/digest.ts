import { hash } from 'node:crypto';

/** SHA-256 of UTF-8 text, as 43 characters of base64url. */
export function sha256Text(text: string): string {
  return hash('sha256', text, 'base64url');
}
