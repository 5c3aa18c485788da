/** What an error of the database driver means to the caller. All codes: PostgreSQL's manual, appendix A. */

/** Thrown by a store that lost a race which its SQL noticed itself; `inTransaction` runs the work again. */
export class RetryableConflict extends Error {
  constructor() {
    super('Another transaction got there first.');
    this.name = 'RetryableConflict';
  }
}

/** Serialization failure, deadlock, and a lock that was not to be had at once or in time. */
const CONFLICTS = new Set(['40001', '40P01', '55P03']);

/** Another transaction won; the same work may succeed when it runs again. */
export function isConflict(error: unknown): boolean {
  return error instanceof RetryableConflict || CONFLICTS.has(read(error, 'code'));
}

/**
 * 08 connection, 53 out of resources, 57P0x stopping or starting, 25006 read-only (a standby took this server's place),
 * 25P03 the transaction idled too long, and the server has cut the connection, 55000 the database takes no connections.
 */
const CONNECTION_STATES = /^(?:08...|53...|57P0[1-5]|25006|25P03|55000)$/;
/** Of Node's sockets. Elsewhere, ENOENT is a file that is missing: only those with these system calls count. */
const SOCKET_CODES = /^(?:E[A-Z]*(?:CONN|HOST|NET)[A-Z]*|ENOENT|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN)$/;
const SOCKET_CALLS = /^(?:connect|read|write|getaddrinfo)$/;
/** pg and pg-pool throw these without a code. */
const CONNECTION_MESSAGES =
  /^(?:Connection terminated|Client (?:has encountered a connection error|was closed)|timeout (?:expired|exceeded)|Query read timeout|Cannot use a pool after)/;

/** The database cannot be used now; nothing is known to be wrong with the request. Answered by 503. */
export function isConnectionFault(error: unknown): boolean {
  // A host name with several addresses, none of which answered.
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.every(isConnectionFault);
  const code = read(error, 'code');
  if (!code) return CONNECTION_MESSAGES.test(read(error, 'message'));
  return (
    CONNECTION_STATES.test(code) || (SOCKET_CODES.test(code) && SOCKET_CALLS.test(read(error, 'syscall')))
  );
}

/** The server cut the statement off at `statement_timeout`. */
export function isStatementTimeout(error: unknown): boolean {
  return read(error, 'code') === '57014';
}

/**
 * Class 22 (a value out of its domain), 23 (a constraint) or 54000 (a value too long for an index): this row is at
 * fault, others may be fine.
 */
export function isDataFault(error: unknown): boolean {
  return /^(?:2[23]...|54000)$/.test(read(error, 'code'));
}

/** No partition takes the row. PostgreSQL calls it a check violation too, of no constraint: it is we who did not make it. */
export function isMissingPartition(error: unknown): boolean {
  return read(error, 'code') === '23514' && read(error, 'constraint') === '';
}

/** With a constraint name: only a violation of that one. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return (
    read(error, 'code') === '23505' && (constraint === undefined || read(error, 'constraint') === constraint)
  );
}

/** TypeORM copies the fields of the driver's error onto its own, so one look is enough for both. */
function read(error: unknown, field: 'code' | 'constraint' | 'message' | 'syscall'): string {
  const value = (error as Partial<Record<typeof field, unknown>> | null | undefined)?.[field];
  return typeof value === 'string' ? value : '';
}
