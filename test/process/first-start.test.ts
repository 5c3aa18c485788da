import { spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { clientOf } from '../support/app';
import { createEmptyDatabase, query, type TestDatabase } from '../support/database';
import { EmbeddedFolder } from '../support/embedded-launcher';
import { SignInDocument } from '../support/operations';
import { killServers, ServerProcess, startServer } from '../support/server-process';

// Processes start and stop here, and machines can be slow and busy.
jest.setTimeout(180_000);

let database: TestDatabase;
beforeEach(async () => {
  database = await createEmptyDatabase();
});
afterEach(async () => {
  await killServers();
  await database.drop();
});

/**
 * Sends what a printed command would send. A real shell takes the command apart, so its quoting is tested; curl itself
 * need not be on the machine.
 */
async function sendCommand(command: string): Promise<unknown> {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const args = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8' }).stdout.split('\0').slice(0, -1);
  const valuesOf = (option: string) => args.filter((_, index) => args[index - 1] === option);
  const url = args.find((arg) => arg.startsWith('http'));
  const headers = valuesOf('-H').map((header) => header.split(/: (.*)/, 2) as [string, string]);
  const answer = await fetch(url ?? '', { method: 'POST', headers, body: valuesOf('-d').join('&') });
  return answer.json();
}

/** The commands that stand in a text, with their continuation lines. */
const commandsIn = (text: string): string[] => text.match(/^curl (?:.*\\\n)*.*$/gm) ?? [];

async function signIn(server: ServerProcess, email: string, password: string): Promise<string | undefined> {
  const { data } = await clientOf(server).send(SignInDocument, { input: { email, password } });
  return data?.signIn.viewer.member?.role;
}

/** Whatever looks like a secret of ours. */
const secretsIn = (text: string): string[] => text.match(/fg_[a-z]{2}_\w+/g) ?? [];

describe('the very first start', () => {
  test('prints the addresses, how to sign in, and two commands that work as pasted', async () => {
    const server = await startServer({ DATABASE_URL: database.url });
    const { firstStart, url, output } = server;

    for (const path of ['/graphql', '/event/ingest', '/profile', '/healthz', '/readyz'])
      expect(output).toContain(path);
    expect(firstStart).toMatchObject({
      ownerEmail: 'owner@localhost',
      writeOnlyKey: expect.stringMatching(/^fg_wo_\w{36}$/) as string,
      readWriteKey: expect.stringMatching(/^fg_rw_\w{36}$/) as string,
    });
    expect(await signIn(server, 'owner@localhost', firstStart?.ownerPassword ?? '')).toBe('OWNER');

    const [track = '', read = '', ...more] = commandsIn(firstStart?.text ?? '');
    expect(more).toEqual([]);
    expect(track).toContain(url);
    expect(await sendCommand(track)).toMatchObject({ data: { trackEvent: { status: 'ACCEPTED' } } });
    expect(await sendCommand(read)).toMatchObject({
      data: { profile: { userId: 'ada', events: { edges: [{ node: { name: 'page_view' } }] } } },
    });
  });

  test('is the only one that prints a secret', async () => {
    const first = await startServer({ DATABASE_URL: database.url });
    expect(first.firstStart).not.toBeNull();
    await first.killHard();

    const { output } = await startServer({ DATABASE_URL: database.url });

    expect(output).not.toContain('first start');
    expect(output).not.toContain('curl');
    expect(secretsIn(output)).toEqual([]);
  });

  test('makes the owner that the operator chose, and does not print that password', async () => {
    const owner = { email: 'boss@example.com', password: 'an operator chose this one' };
    const server = await startServer({
      DATABASE_URL: database.url,
      FLUXGATE_OWNER_EMAIL: owner.email,
      FLUXGATE_OWNER_PASSWORD: owner.password,
    });

    expect(server.firstStart?.ownerEmail).toBe(owner.email);
    expect(server.output).not.toContain(owner.password);
    expect(await signIn(server, owner.email, owner.password)).toBe('OWNER');
  });

  test.each([
    [{ FLUXGATE_OWNER_EMAIL: 'nobody' }, 'FLUXGATE_OWNER_EMAIL'],
    [{ FLUXGATE_OWNER_PASSWORD: 'too short' }, 'FLUXGATE_OWNER_PASSWORD'],
  ])('with %j makes nothing and names the setting', async (settings, name) => {
    const { output } = await startInVain({ DATABASE_URL: database.url, ...settings });

    expect(output).toContain(name);
    for (const value of Object.values(settings)) expect(output).not.toContain(value);
    expect(await query(database.url, 'select * from workspace')).toEqual([]);
  });

  test('of two processes at once on an empty folder makes one workspace, and one of them tells', async () => {
    const folder = new EmbeddedFolder();
    try {
      const settings = { DATA_DIR: folder.dataDir };
      const servers = await Promise.all([startServer(settings), startServer(settings)]);

      const told = servers.filter(({ firstStart }) => firstStart !== null);
      expect(told).toHaveLength(1);
      const [{ firstStart } = { firstStart: null }] = told;
      for (const server of servers) {
        expect(await signIn(server, 'owner@localhost', firstStart?.ownerPassword ?? '')).toBe('OWNER');
        expect(secretsIn(server.log)).toEqual([]);
      }
    } finally {
      await killServers();
      await folder.remove();
    }
  });
});

/** A start that must fail. */
async function startInVain(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const server = new ServerProcess(settings);
  expect(await server.exit).toBe(1);
  return server;
}

describe('a start that fails says why and exits with 1:', () => {
  test('a wrong configuration, with every fault and no value', async () => {
    const { output } = await startInVain({
      PORT: '70000',
      LOG_LEVEL: 'chatty',
      MAX_BATCH_EVENTS: 'many',
      PUBLIC_URL: 'ftp://example.com',
      DATABASE_URL: 'mysql://root:swordfish@localhost/x',
    });

    expect(output.split('\n').map((line) => /^ {2}([A-Z_]+) must be /.exec(line)?.[1])).toEqual([
      undefined,
      'PORT',
      'PUBLIC_URL',
      'DATABASE_URL',
      'LOG_LEVEL',
      'MAX_BATCH_EVENTS',
      undefined,
    ]);
    expect(output).not.toMatch(/70000|chatty|many|ftp:|swordfish/);
  });

  test('wrong trusted proxies, each of them', async () => {
    const { output } = await startInVain({ TRUSTED_PROXIES: '10.0.0.0/8, 010.0.0.1, 10.0.0.1/8' });

    expect(output).toMatch(/TRUSTED_PROXIES: entry 2 .*\n.*TRUSTED_PROXIES: entry 3 /);
  });

  test('a port in use, in one line, and the next start still is the first one', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const PORT = String((other.address() as AddressInfo).port);
    try {
      const { output } = await startInVain({ DATABASE_URL: database.url, PORT, LOG_LEVEL: 'error' });
      expect(output).toBe(
        `Port ${PORT} of 127.0.0.1 is in use already. Set PORT to another one, or stop what listens there.\n`,
      );
    } finally {
      other.close();
    }

    const { firstStart } = await startServer({ DATABASE_URL: database.url });
    expect(firstStart).not.toBeNull();
  });

  test.each([
    ['a database that does not answer', 'postgresql://me:swordfish@127.0.0.1:1/fluxgate'],
    ['the same by a name with several addresses', 'postgresql://me:swordfish@localhost:1/fluxgate'],
    ['several hosts of which none answers', 'postgresql://me:swordfish@127.0.0.1:1,127.0.0.1:2/fluxgate'],
  ])('%s', async (_name, url) => {
    const { output } = await startInVain({ DATABASE_URL: url });

    expect(output).toMatch(/^The database of DATABASE_URL cannot be used: \S.*\n$/);
    expect(output).not.toContain('swordfish');
  });

  test('a database that does not exist', async () => {
    const { output } = await startInVain({
      DATABASE_URL: database.url.replace(/\/fluxgate_test\w*/, '/nowhere'),
    });

    expect(output).toMatch(
      /^The database of DATABASE_URL cannot be used: database "nowhere" does not exist\n$/,
    );
  });
});
