/**
 * The error table: every code that a client can meet, on every door. `docs/errors.md` is checked against it.
 * A code never changes its meaning; a message may be reworded at any time.
 */
export const ERRORS = {
  UNAUTHENTICATED: {
    status: 401,
    meaning: 'No credential, or one that is malformed, unknown, revoked or expired.',
  },
  FORBIDDEN: { status: 403, meaning: 'The credential lacks a scope that the operation needs. Nothing ran.' },
  IP_NOT_ALLOWED: { status: 403, meaning: "The caller's address is not on the key's IP allow-list." },
  EVENT_NOT_ALLOWED: { status: 403, meaning: 'The key may not send events of this name.' },
  BROWSER_NOT_ALLOWED: { status: 403, meaning: 'A secret key was sent by a browser.' },
  BAD_USER_INPUT: {
    status: 400,
    meaning: 'A value is missing, malformed or over a limit; `path` says which.',
  },
  NOT_FOUND: { status: 404, meaning: 'No such thing in this workspace, or no such route.' },
  CONFLICT: { status: 409, meaning: 'The thing changed meanwhile, or it exists already.' },
  PAYLOAD_TOO_LARGE: { status: 413, meaning: 'The request body is over the limit.' },
  RATE_LIMITED: { status: 429, meaning: 'Too many requests; wait for `Retry-After` seconds.' },
  OPERATION_TOO_COMPLEX: { status: 400, meaning: 'The document is too deep, too wide or too costly.' },
  SQL_NOT_ALLOWED: { status: 400, meaning: 'The SQL uses something outside the sandbox.' },
  QUERY_TIMEOUT: { status: 408, meaning: 'The query ran longer than its time limit.' },
  RESULT_TOO_LARGE: { status: 413, meaning: 'The result is over the limit.' },
  SERVICE_UNAVAILABLE: {
    status: 503,
    meaning: 'Cannot be stored or read now; nothing was half done. Try again.',
  },
  INTERNAL_SERVER_ERROR: { status: 500, meaning: 'Our fault. The request id finds it in the log.' },
  GRAPHQL_PARSE_FAILED: { status: 400, meaning: 'The document is not GraphQL, or is too long.' },
  GRAPHQL_VALIDATION_FAILED: { status: 400, meaning: 'The document does not fit the schema.' },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Where in the input the fault is, e.g. `['input', 'events', 3, 'name']`. */
export type InputPath = readonly (string | number)[];

export interface ApiErrorOptions {
  /** Where in the input, for BAD_USER_INPUT. */
  path?: InputPath;
  /** Another HTTP status than the table's, e.g. 405. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
  /** More facts for the caller, next to the code. Never a value that the caller may not see. */
  details?: Readonly<Record<string, unknown>>;
  /** What really happened. Goes to the log, never to the caller. */
  cause?: unknown;
}

/** A refusal with a code of the table. The message is read by the caller; everything else that is thrown is masked. */
export class ApiError extends Error {
  readonly status: number;
  /** Not called `path`: graphql-js takes an error with a path for one that it has placed in the answer already. */
  readonly inputPath: InputPath | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    readonly code: ErrorCode,
    message: string,
    options: ApiErrorOptions = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'ApiError';
    this.status = options.status ?? ERRORS[code].status;
    this.inputPath = options.path;
    this.headers = options.headers ?? {};
    this.details = options.details ?? {};
  }

  /** The same refusal, of something that stands at `path`. */
  under(path: InputPath): ApiError {
    const { code, message, inputPath, status, headers, details, cause } = this;
    if (!inputPath || path.length === 0) return this;
    return new ApiError(code, message, { path: [...path, ...inputPath], status, headers, details, cause });
  }

  /** What graphql-js copies onto the GraphQLError that it wraps around this; Apollo takes `http` out of it. */
  get extensions(): Record<string, unknown> {
    const { code, inputPath, details, status, headers } = this;
    return {
      code,
      ...(inputPath && { path: inputPath }),
      ...details,
      http: { status, headers: new Map(Object.entries(headers)) },
    };
  }
}

/** BAD_USER_INPUT at a place of the input. `message` must not repeat the value. */
export function badInput(message: string, path: InputPath): ApiError {
  return new ApiError('BAD_USER_INPUT', message, { path });
}

/** The one answer for a missing id and for an id of another workspace. */
export function notFound(what: string): ApiError {
  return new ApiError('NOT_FOUND', `There is no such ${what} in this workspace.`);
}

/** SERVICE_UNAVAILABLE with `Retry-After: 1`. */
export function unavailable(message: string, cause?: unknown): ApiError {
  return new ApiError('SERVICE_UNAVAILABLE', message, {
    cause,
    headers: { 'retry-after': '1' },
  });
}
