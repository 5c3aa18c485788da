import type { KnownCaller } from './caller';
import type { Scope } from './scopes';

/** A REST route as its feature declares it. `http/` mounts it behind the same checks as GraphQL. */
export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With parameters in braces, as in rest-doors.md, e.g. `/profile/{userId}`. */
  readonly path: string;
  readonly scope: Scope;
  /** Ingest paths answer browsers of every origin, refusals included. */
  readonly allowsCors: boolean;
  readonly handle: (request: RestRequest) => Promise<RestAnswer>;
}

export interface RestRequest {
  readonly caller: KnownCaller;
  readonly params: Readonly<Record<string, string>>;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
}

export interface RestAnswer {
  readonly status: 200 | 204;
  readonly body?: unknown;
}
