import { v7 } from 'uuid';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A new UUIDv7 in lower case. Made in Node because PostgreSQL 15 has no `uuidv7()`; later ids sort after earlier ones. */
export function newId(): string {
  return v7();
}

/** Whether PostgreSQL would take the text as a uuid in its canonical form. The version does not matter. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
