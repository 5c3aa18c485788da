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
    hooks: { streamWrite: (line) => line.replace(SECRET, 'fg_[redacted]') },
  });
}
