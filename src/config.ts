import { isDatabaseUrl } from './lib/database-url';
import { parseSetting, SettingFault, type Setting, type ValueOf } from './lib/setting';

/**
 * The one reader of the environment. Every setting is a row of SETTINGS: `docs/configuration.md` and `.env.example`
 * are checked against it, so a setting without an explanation cannot exist.
 */
export const SETTINGS = {
  PORT: {
    kind: 'integer',
    default: 4000,
    min: 0,
    max: 65535,
    meaning: 'Port to listen on; 0 picks a free one.',
  },
  HOST: {
    kind: 'text',
    default: '127.0.0.1',
    meaning: 'Address to listen on. 0.0.0.0 is every IPv4 address.',
  },
  PUBLIC_URL: {
    kind: 'text',
    form: {
      fits: (text) => /^https?:\/\/[^\s/?#@]+\/?$/.test(text),
      words: 'http:// or https:// and a host, without a path',
    },
    meaning:
      'How browsers reach the server, e.g. https://api.example.com. Decides the cookie and which Origin is ours.',
  },
  TELEMETRY_PORT: {
    kind: 'integer',
    min: 0,
    max: 65535,
    meaning: 'Port of /metrics, e.g. 9464; 0 picks a free one. Absent: no metrics. One per process.',
  },
  TELEMETRY_HOST: {
    kind: 'text',
    default: '127.0.0.1',
    meaning: 'Address on which /metrics listens. Whoever reaches it may read it.',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    kind: 'text',
    form: { fits: (text) => /^https?:\/\/[^\s?#]+$/.test(text), words: 'http:// or https:// and a host' },
    meaning: 'Where traces are sent by OTLP over HTTP, e.g. http://localhost:4318. Absent: no traces.',
  },
  DATA_DIR: { kind: 'text', default: './data', meaning: 'Folder of the embedded PostgreSQL.' },
  DATABASE_URL: {
    kind: 'text',
    form: {
      fits: isDatabaseUrl,
      words: 'a URL that begins with postgresql://; percent-encode special characters of the password',
    },
    meaning:
      'A PostgreSQL 15 or newer. Absent: the embedded one. Several hosts: postgresql://user:pw@a,b/db, the first writable one is taken.',
  },
  DATABASE_POOLED: {
    kind: 'flag',
    default: false,
    meaning:
      'true behind PgBouncer in transaction mode: no named prepared statements, and nothing rests on settings of a session.',
  },
  POSTGRES_BIN: {
    kind: 'text',
    meaning:
      'Folder with initdb and postgres to run as the embedded database, e.g. /usr/lib/postgresql/15/bin.',
  },
  FLUXGATE_OWNER_EMAIL: {
    kind: 'text',
    default: 'owner@localhost',
    meaning: 'E-mail of the first owner, read on the very first start.',
  },
  FLUXGATE_OWNER_PASSWORD: {
    kind: 'text',
    meaning:
      'Password of the first owner, read on the very first start. Absent: one is made and printed once.',
  },
  TRUSTED_PROXIES: {
    kind: 'list',
    default: '',
    meaning: 'Addresses and CIDR ranges whose X-Forwarded-For is believed, comma-separated.',
  },
  INTROSPECTION: {
    kind: 'choice',
    choices: ['session', 'public'],
    default: 'session',
    meaning: 'Who may read the schema: signed-in members, or everybody.',
  },
  LOG_LEVEL: {
    kind: 'choice',
    choices: ['silent', 'error', 'warn', 'info', 'debug'],
    default: 'info',
    meaning: 'Least level that is logged.',
  },

  MAX_BODY_BYTES: {
    kind: 'integer',
    default: 1_048_576,
    min: 1024,
    meaning: 'Request body, after decompression, in bytes.',
  },
  MAX_DOCUMENT_BYTES: { kind: 'integer', default: 16_384, min: 256, meaning: 'GraphQL document, in bytes.' },
  MAX_DOCUMENT_TOKENS: { kind: 'integer', default: 2_000, min: 100, meaning: 'GraphQL document, in tokens.' },
  MAX_OPERATION_DEPTH: {
    kind: 'integer',
    default: 12,
    min: 3,
    meaning: 'Nesting of fields in an operation.',
  },
  MAX_ROOT_FIELDS: {
    kind: 'integer',
    default: 20,
    min: 1,
    meaning: 'Root fields of an operation, aliases counted.',
  },
  MAX_OPERATION_FIELDS: {
    kind: 'integer',
    default: 1_000,
    min: 10,
    meaning: 'Fields of an operation with its fragments expanded.',
  },
  MAX_OPERATION_NODES: {
    kind: 'integer',
    default: 2_500,
    min: 100,
    meaning: 'Nodes that the pages of one operation may hold; a page inside a page is multiplied.',
  },
  MAX_PAGE_SIZE: {
    kind: 'integer',
    default: 100,
    min: 1,
    max: 1_000,
    meaning: 'Largest `first` of a connection.',
  },
  MAX_BATCH_EVENTS: {
    kind: 'integer',
    default: 500,
    min: 1,
    max: 10_000,
    meaning: 'Events of one trackEvents or batch call.',
  },
  MAX_EVENT_BYTES: {
    kind: 'integer',
    default: 32_768,
    min: 256,
    meaning: 'Properties and context of one event or profile, as JSON, in bytes.',
  },
  MAX_EVENT_DEPTH: {
    kind: 'integer',
    default: 32,
    min: 1,
    max: 500,
    meaning: 'Nesting of properties and of context.',
  },
  MAX_EVENT_KEYS: {
    kind: 'integer',
    default: 1_000,
    min: 1,
    meaning: 'Keys of properties and of context, nested ones counted.',
  },
  MAX_PROFILE_BYTES: {
    kind: 'integer',
    default: 262_144,
    min: 1024,
    meaning:
      'Properties that a profile keeps, as JSON, in bytes; those set longest ago are dropped beyond it.',
  },
  MAX_ID_LENGTH: {
    kind: 'integer',
    default: 256,
    min: 16,
    max: 640,
    meaning: 'User, anonymous, external, session and message ids, in characters.',
  },
  MAX_NAME_LENGTH: {
    kind: 'integer',
    default: 200,
    min: 16,
    max: 200,
    meaning: 'Names of events and keys, in characters.',
  },
  MAX_IP_RANGES: { kind: 'integer', default: 100, min: 1, meaning: 'Allow-list entries of one key.' },
  MAX_ALLOWED_EVENTS: { kind: 'integer', default: 500, min: 1, meaning: 'Allowed event names of one key.' },
  RATE_LIMIT_PER_SECOND: {
    kind: 'integer',
    default: 1_000,
    min: 1,
    meaning: 'Requests of one key per second and process.',
  },
  FAILED_SIGN_INS_PER_MINUTE: {
    kind: 'integer',
    default: 10,
    min: 1,
    meaning: 'Failed sign-ins of one address, and of one account, per minute.',
  },
  SESSION_IDLE_MINUTES: {
    kind: 'integer',
    default: 720,
    min: 1,
    meaning: 'A session ends when it was not used for so long.',
  },
  SESSION_MAX_MINUTES: {
    kind: 'integer',
    default: 10_080,
    min: 1,
    meaning: 'A session ends after so long in any case.',
  },

  INGEST_MAX_BATCH: { kind: 'integer', default: 1_000, min: 1, max: 10_000, meaning: 'Events of one flush.' },
  INGEST_QUEUE_EVENTS: {
    kind: 'integer',
    default: 30_000,
    min: 1,
    meaning: 'Events that may wait for a flush; beyond it 503. One key alone may hold a third.',
  },
  INGEST_QUEUE_BYTES: {
    kind: 'integer',
    default: 67_108_864,
    min: 65_536,
    meaning: 'Bytes of events that may wait for a flush; beyond it 503. One key alone may hold a third.',
  },
  DEDUPE_WINDOW_DAYS: {
    kind: 'integer',
    default: 7,
    min: 7,
    max: 3_650,
    meaning: 'Days after its receipt for which a message id is known, and a repeat is a duplicate.',
  },
  EVENT_RETENTION_DAYS: {
    kind: 'integer',
    default: 0,
    min: 0,
    max: 36_500,
    meaning: 'Days after which an event is deleted, counted from when it happened; 0 keeps them for ever.',
  },
  INGEST_POOL_SIZE: { kind: 'integer', default: 2, min: 1, meaning: 'Database connections for ingestion.' },
  API_POOL_SIZE: { kind: 'integer', default: 8, min: 1, meaning: 'Database connections for the API.' },
  WORKER_POOL_SIZE: {
    kind: 'integer',
    default: 2,
    min: 1,
    meaning: 'Database connections for background work.',
  },
  STATEMENT_TIMEOUT_MS: {
    kind: 'integer',
    default: 10_000,
    min: 100,
    meaning: 'Longest run of one statement of the API, in milliseconds.',
  },
  SHUTDOWN_TIMEOUT_MS: {
    kind: 'integer',
    default: 10_000,
    min: 100,
    meaning: 'How long a stop waits for running requests, in milliseconds.',
  },
} as const satisfies Record<string, Setting>;

type Settings = typeof SETTINGS;

/** Settings by their environment name, parsed and frozen. */
export type Config = Readonly<{ [Name in keyof Settings]: ValueOf<Settings[Name]> }>;

/** Throws one Error that lists every fault. An empty variable counts as absent. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const faults: string[] = [];
  const values = Object.entries(SETTINGS).map(([name, setting]: [string, Setting]) => {
    const value = parseSetting(setting, env[name]?.trim());
    if (value instanceof SettingFault) faults.push(`${name} ${value.message}`);
    return [name, value];
  });
  if (faults.length > 0) throw wrongConfiguration(faults);
  return Object.freeze(Object.fromEntries(values)) as Config;
}

/** For whoever started the process. A fault names its setting and does not repeat the value, which may be a secret. */
export function wrongConfiguration(faults: readonly string[]): Error {
  return new Error(`The configuration is wrong:\n  ${faults.join('\n  ')}`);
}
