import { pino, type Logger } from 'pino';

export type { Logger };

/** Paths that may hold a secret or a personal value. They are cut out, whoever logs them. */
const REDACTED = [
  'authorization',
  'cookie',
  'password',
  'secret',
  '*.authorization',
  '*.cookie',
  '*.password',
  '*.secret',
  '*.headers.authorization',
  '*.headers.cookie',
];

/** Anything that has the form of one of our secrets (security.md rule 10). */
const SECRET = /fg_(?:wo|rw|mk|ms|at|ss)_[0-9A-Za-z]{8,}/g;

/** Structured JSON log lines on standard output. JSON escapes control characters, so a value cannot forge a line. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACTED, remove: true },
    serializers: { err: describeError },
    hooks: { streamWrite: (line) => line.replace(SECRET, 'fg_[redacted]') },
  });
}

const NOW_AND_THEN_MS = 10_000;
const warnedAtMs = new WeakMap<Logger, Map<string, number>>();

/**
 * For what befalls every request alike, such as a database that is away: at `warn` once in ten seconds for each message,
 * and at `debug` each time. A line per request would be a second load just then.
 */
export function warnNowAndThen(log: Logger, facts: object, message: string): void {
  let lastMs = warnedAtMs.get(log);
  if (!lastMs) warnedAtMs.set(log, (lastMs = new Map<string, number>()));
  const now = performance.now();
  if (now - (lastMs.get(message) ?? -Infinity) < NOW_AND_THEN_MS) return log.debug(facts, message);
  lastMs.set(message, now);
  log.warn(facts, message);
}

/** Names of things, never values of rows: what PostgreSQL adds in `detail` and `where`, and TypeORM in `parameters`, is. */
const SAFE_FIELDS = ['code', 'syscall', 'constraint', 'table', 'column', 'routine'] as const;
/** PostgreSQL's class 22, data exceptions, quotes the value in the message itself. */
const QUOTES_VALUE = /^22...$/;

function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const fields = error as Error & Partial<Record<(typeof SAFE_FIELDS)[number], string>>;
  const isQuoting = QUOTES_VALUE.test(fields.code ?? '');
  const message = isQuoting ? 'data exception' : error.message;
  return {
    type: error.name,
    message,
    stack: error.stack?.replace(error.message, () => message),
    ...Object.fromEntries(SAFE_FIELDS.map((name) => [name, fields[name]])),
    ...(error instanceof AggregateError && { errors: error.errors.map(describeError) }),
    ...(error.cause !== undefined && { cause: describeError(error.cause) }),
  };
}
