/** What an error of the database driver means to the caller. All of PostgreSQL's codes: its manual, appendix A. */

/** Thrown by a store that lost a race which its SQL noticed itself; `inTransaction` runs the work again. */
export class RetryableConflict extends Error {
  constructor() {
    super('Another transaction got there first.');
    this.name = 'RetryableConflict';
  }
}

/** Serialization failure, deadlock, and a lock that was not to be had within lock_timeout. */
const CONFLICTS = new Set(['40001', '40P01', '55P03']);

/** Another transaction won; the same work may succeed when it runs again. */
export function isConflict(error: unknown): boolean {
  return error instanceof RetryableConflict || CONFLICTS.has(codeOf(error));
}

/**
 * 08 connection, 53 out of resources, 57P0x shutting down or starting up, 25006 read-only because a standby took
 * this server's place, 25P03 a transaction that idled too long (the server has cut the connection).
 */
const CONNECTION_STATES = /^(?:08...|53...|57P0[1-5]|25006|25P03)$/;
const CONNECTION_ERRNOS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** pg and pg-pool throw these without a code. */
const CONNECTION_MESSAGES =
  /^(?:Connection terminated|Client (?:has encountered a connection error|was closed)|timeout (?:expired|exceeded)|Cannot use a pool after)/;

/** The database cannot be used now; nothing is known to be wrong with the request. Answered by 503. */
export function isConnectionFault(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.every(isConnectionFault);
  const code = codeOf(error);
  if (code) return CONNECTION_STATES.test(code) || (isSystemError(error) && CONNECTION_ERRNOS.has(code));
  return error instanceof Error && CONNECTION_MESSAGES.test(error.message);
}

/** Class 22 (a value out of its domain) or 23 (a constraint): this row is at fault, others may be fine. */
export function isDataFault(error: unknown): boolean {
  return /^2[23]...$/.test(codeOf(error));
}

/** With a constraint name: only a violation of that one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  if (codeOf(error) !== '23505') return false;
  return constraint === undefined || (error as { constraint?: unknown }).constraint === constraint;
}

/** TypeORM copies the fields of the driver's error onto its QueryFailedError, so one look is enough. */
function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** Errors of Node's sockets name the system call; a file that is missing somewhere else in the program has a path. */
function isSystemError(error: unknown): boolean {
  const syscall: unknown = error instanceof Error && 'syscall' in error ? error.syscall : undefined;
  return typeof syscall === 'string' && /^(?:connect|read|write|getaddrinfo)/.test(syscall);
}
