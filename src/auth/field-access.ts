import type { Scope } from './scopes';

export type FieldRule =
  | { readonly kind: 'SCOPE'; readonly scope: Scope }
  | { readonly kind: 'AUTHENTICATED' }
  | { readonly kind: 'PUBLIC' };

export interface FieldAccess {
  readonly rule: FieldRule | null;
  /** Argument path of an event name that the caller must be allowed to send, e.g. ['input', 'name']. */
  readonly eventNamePath: readonly string[] | null;
}

/** Access by `Type.field`. Fields without a directive are absent: who reached their parent may read them. */
export type AccessTable = ReadonlyMap<string, FieldAccess>;
