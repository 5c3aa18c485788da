import { hash } from '@node-rs/argon2';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import { startApp, type App } from '../../src/app';
import type { Clock } from '../../src/clock';
import { newId } from '../../src/lib/uuid';
import { createLogger } from '../../src/log';
import { testConfig } from './config';
import { createTestDatabase, query, type TestDatabase } from './database';

export const OWNER_EMAIL = 'owner@example.com';
export const OWNER_PASSWORD = 'correct horse battery staple';

export interface Answer<Data> {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Data | null | undefined;
  readonly errors: AnswerError[];
  /** `extensions.code` of the first error. */
  readonly code: string | undefined;
}

export interface AnswerError {
  readonly message: string;
  readonly path?: (string | number)[];
  readonly extensions: {
    readonly code: string;
    readonly path?: (string | number)[];
    readonly [fact: string]: unknown;
  };
}

export interface SendOptions {
  /** Goes into `Authorization: Bearer`; absent: no credential. */
  readonly bearer?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A started server with its own database, whose first workspace has an owner and two keys. */
export interface TestApp {
  readonly url: string;
  /** Where Prometheus reads, with TELEMETRY_PORT. */
  readonly metricsUrl: string | null;
  readonly database: TestDatabase;
  readonly workspaceId: string;
  readonly writeOnlyKey: string;
  readonly readWriteKey: string;
  /** Session token of the owner. */
  readonly session: string;
  /** One statement on the app's database. */
  sql: <Row extends object>(text: string) => Promise<Row[]>;
  /** Sends a typed document over real HTTP. */
  send: <Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: SendOptions,
  ) => Promise<Answer<Data>>;
  /** As `send`; throws unless there is data and no error. */
  get: <Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options?: SendOptions,
  ) => Promise<Data>;
  /** Sends any GraphQL text. */
  sendText: (
    text: string,
    variables?: object,
    options?: SendOptions,
  ) => Promise<Answer<Record<string, unknown>>>;
  close(): Promise<void>;
}

/** `settings` by their environment names. */
export async function startTestApp({
  settings = {},
  clock,
}: { settings?: Readonly<Record<string, string>>; clock?: Clock } = {}): Promise<TestApp> {
  const database = await createTestDatabase();
  const config = testConfig({
    DATABASE_URL: database.url,
    FLUXGATE_OWNER_EMAIL: OWNER_EMAIL,
    FLUXGATE_OWNER_PASSWORD: OWNER_PASSWORD,
    ...settings,
  });
  const app = await startApp({ config, log: createLogger(config.LOG_LEVEL), ...(clock && { clock }) });
  if (!app.firstRun) throw new Error('A new database is not new.');
  const session = await signIn(app.url, OWNER_EMAIL, OWNER_PASSWORD);
  const sql = <Row extends object>(text: string) => query<Row & Record<string, unknown>>(database.url, text);
  const [workspace] = await sql<{ id: string }>('select id from workspace');
  const { writeOnlyKey, readWriteKey } = app.firstRun;
  return {
    ...clientOf(app),
    metricsUrl: app.metricsUrl,
    database,
    workspaceId: workspace?.id ?? '',
    writeOnlyKey,
    readWriteKey,
    session,
    sql,
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

/** `send`, `get` and `sendText` for a server anywhere. */
export function clientOf({ url }: Pick<App, 'url'>): Pick<TestApp, 'url' | 'send' | 'get' | 'sendText'> {
  const sendText: TestApp['sendText'] = (text, variables = {}, options = {}) =>
    post(url, { text, variables, options });
  const send = <Data, Variables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
    options: SendOptions = {},
  ) => post<Data>(url, { text: print(document), variables: variables as object, options });
  return {
    url,
    send,
    sendText,
    get: async (document, variables, options) => {
      const { status, data, errors } = await send(document, variables, options);
      if (status !== 200 || !data || errors.length > 0)
        throw new Error(`${status} ${JSON.stringify(errors)}`);
      return data;
    },
  };
}

async function post<Data>(
  url: string,
  { text, variables, options }: { text: string; variables: object; options: SendOptions },
): Promise<Answer<Data>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(options.bearer !== undefined && { authorization: `Bearer ${options.bearer}` }),
      ...options.headers,
    },
    body: JSON.stringify({ query: text, variables }),
  });
  const { data, errors = [] } = (await response.json()) as { data?: Data | null; errors?: AnswerError[] };
  return {
    status: response.status,
    headers: response.headers,
    data,
    errors,
    code: errors[0]?.extensions.code,
  };
}

async function signIn(url: string, email: string, password: string): Promise<string> {
  const text = 'mutation ($input: SignInInput!) { signIn(input: $input) { sessionToken } }';
  const { data, errors } = await post<{ signIn: { sessionToken: string } }>(url, {
    text,
    variables: { input: { email, password } },
    options: {},
  });
  if (!data) throw new Error(`Sign-in failed: ${JSON.stringify(errors)}`);
  return data.signIn.sessionToken;
}

/** A member of the given role in a new workspace (or in the one given), signed in. */
export async function givenMember(
  app: Pick<TestApp, 'url' | 'sql'>,
  { role, workspaceId }: { role: 'VIEWER' | 'ADMIN' | 'OWNER'; workspaceId?: string },
): Promise<{ workspaceId: string; session: string; email: string }> {
  const inWorkspace = workspaceId ?? newId();
  const email = `${role.toLowerCase()}-${newId()}@example.com`;
  const passwordHash = await hash(OWNER_PASSWORD, { memoryCost: 8, timeCost: 1 });
  if (!workspaceId) await app.sql(`insert into workspace values ('${inWorkspace}', 'Other', now())`);
  await app.sql(`insert into member (id, workspace_id, email, role, password_hash, created_at)
    values ('${newId()}', '${inWorkspace}', '${email}', '${role}', '${passwordHash}', now())`);
  return { workspaceId: inWorkspace, email, session: await signIn(app.url, email, OWNER_PASSWORD) };
}

/** A key made through the API by a session; the rest of the input is as for createIntegrationKey. */
export async function givenKey(
  app: Pick<TestApp, 'sendText'>,
  session: string,
  input: { kind: 'WRITE_ONLY' | 'READ_WRITE'; [field: string]: unknown },
): Promise<{ id: string; secret: string }> {
  const text = `mutation ($input: CreateIntegrationKeyInput!) {
    createIntegrationKey(input: $input) { secret key { id } }
  }`;
  const { data, errors } = await app.sendText(
    text,
    { input: { name: 'Test', ...input } },
    { bearer: session },
  );
  const made = data?.['createIntegrationKey'] as { secret: string; key: { id: string } } | undefined;
  if (!made) throw new Error(`No key: ${JSON.stringify(errors)}`);
  return { id: made.key.id, secret: made.secret };
}
