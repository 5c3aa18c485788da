import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { linkLibraries } from '../../src/database/embedded-binaries';
import { EmbeddedFolder, run } from '../support/embedded-launcher';

// Making a database takes a second, and many on a busy machine.
jest.setTimeout(60_000);

const isRoot = process.getuid?.() === 0;

describe('on a folder with a database', () => {
  let folder: EmbeddedFolder;

  beforeAll(async () => {
    folder = new EmbeddedFolder();
    const server = await folder.open();
    await run(server.connection, 'create table kept as select 7 as value');
    await folder.close(server);
  });
  afterEach(() => folder.stopAll());
  afterAll(() => folder.remove());

  test('what the first start made is there on the next', async () => {
    expect(folder.isRunning).toBe(false);

    const { connection } = await folder.open();

    expect(await run(connection, 'select value from kept')).toEqual([{ value: 7 }]);
  });

  test('only somebody with the password gets in, and only this user can read it', async () => {
    const { connection } = await folder.open();

    await expect(run({ ...connection, password: 'wrong' }, 'select 1')).rejects.toMatchObject({
      code: '28P01',
    });
    expect(statSync(path.join(folder.cluster, 'fluxgate.password')).mode & 0o777).toBe(0o600);
    expect(statSync(path.join(folder.dataDir, 'postgres.log')).mode & 0o777).toBe(0o600);
  });

  test('a commit is on disk before it is answered, and nobody listens on the network', async () => {
    const { connection } = await folder.open();

    const names = `'fsync', 'full_page_writes', 'listen_addresses', 'synchronous_commit'`;
    expect(
      await run(connection, `select name, setting from pg_settings where name in (${names}) order by name`),
    ).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
  });

  test('a second launcher joins the server, and only the last one to leave stops it', async () => {
    const first = await folder.open();
    const { pid } = folder;
    const second = await folder.open();
    expect(folder.pid).toBe(pid);

    await folder.close(first);
    expect(folder.isRunning).toBe(true);
    expect(await run(second.connection, 'select value from kept')).toEqual([{ value: 7 }]);

    await folder.close(second);
    expect(folder.isRunning).toBe(false);
  });

  test('of launchers that leave at the same time, one stops it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const servers = await Promise.all([folder.open(), folder.open(), folder.open()]);

      await Promise.all(servers.map((server) => folder.close(server)));

      expect(folder.isRunning).toBe(false);
    }
  });

  test('a launcher that comes while the last one leaves is served', async () => {
    const leaving = await folder.open();

    const [, coming] = await Promise.all([folder.close(leaving), folder.open()]);

    expect(await run(coming.connection, 'select value from kept')).toEqual([{ value: 7 }]);
  });

  test('a killed PostgreSQL is started again under a running process', async () => {
    const { connection } = await folder.open();
    const { pid } = folder;

    await folder.kill();

    await eventually(async () => {
      expect(await run(connection, 'select value from kept')).toEqual([{ value: 7 }]);
    });
    expect(folder.pid).not.toBe(pid);
  });

  test('what was committed survives the sudden death of everything', async () => {
    const { child, connection } = await folder.openInChild();
    await run(connection, 'create table committed as select 8 as value');

    child.kill('SIGKILL');
    await once(child, 'exit');
    await folder.kill();

    const again = await folder.open();
    expect(await run(again.connection, 'select value from committed')).toEqual([{ value: 8 }]);
  });

  test('a PostgreSQL that outlived its killed launcher is joined by the next one', async () => {
    const { child } = await folder.openInChild();
    const { pid } = folder;

    child.kill('SIGKILL');
    await once(child, 'exit');

    await folder.open();
    expect(folder.pid).toBe(pid);
  });

  test('a process that closes it stops PostgreSQL and ends by itself', async () => {
    const { child } = await folder.openInChild();

    child.send('close');
    const [exitCode] = (await once(child, 'exit')) as [number];

    expect(exitCode).toBe(0);
    expect(folder.isRunning).toBe(false);
    expect(existsSync(path.join(folder.cluster, 'postmaster.pid'))).toBe(false);
  });

  test('a pid file whose number another program has by now does not keep it from starting', async () => {
    for (const name of ['postmaster.pid', '.s.PGSQL.5432.lock']) {
      writeFileSync(path.join(folder.cluster, name), `${process.ppid}\n${folder.cluster}\n`);
    }

    const { connection } = await folder.open();

    expect(await run(connection, 'select value from kept')).toEqual([{ value: 7 }]);
  });

  test('the error of a start that fails shows what PostgreSQL logged', async () => {
    await expect(folder.open({ settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
      /does not start:[^]*invalid value for parameter "shared_buffers"/,
    );
  });

  test('a database of another major version is refused by name', async () => {
    const file = path.join(folder.cluster, 'PG_VERSION');
    writeFileSync(file, '14\n');

    await expect(folder.open()).rejects.toThrow(
      /was made by PostgreSQL 14, and these programs are version 18/,
    );
    writeFileSync(file, '18\n');
  });

  test('a database whose path is too long for a socket works', async () => {
    const dataDir = path.join(folder.dataDir, 'long-'.repeat(20));
    mkdirSync(dataDir);
    execFileSync('cp', ['-a', folder.cluster, dataDir]);

    const { connection } = await folder.open({ dataDir });

    expect(await run(connection, 'select value from kept')).toEqual([{ value: 7 }]);
    expect(connection.host?.length).toBeLessThanOrEqual(90);
    rmSync(path.dirname(connection.host ?? ''), { recursive: true });
  });
});

describe('on an empty folder', () => {
  let folder: EmbeddedFolder;

  beforeEach(() => {
    folder = new EmbeddedFolder();
  });
  afterEach(() => folder.remove());

  test('processes that start at once share one database and one server', async () => {
    const started = await Promise.all([folder.openInChild(), folder.openInChild()]);

    const starts = await Promise.all(
      started.map(({ connection }) => run(connection, 'select pg_postmaster_start_time()::text as at')),
    );
    expect(starts[1]).toEqual(starts[0]);
    expect(readdirSync(folder.dataDir).sort()).toEqual(['postgres', 'postgres.log']);
  });

  test('a link to a database that is not there is refused, not replaced by an empty database', async () => {
    symlinkSync(path.join(folder.dataDir, 'nowhere'), path.join(folder.dataDir, 'postgres'));

    await expect(folder.open()).rejects.toThrow(/is a link that leads nowhere/);
  });

  test('the links between libraries that npm could not bring along are made', () => {
    const native = path.join(folder.dataDir, 'native');
    mkdirSync(path.join(native, 'lib'), { recursive: true });
    writeFileSync(path.join(native, 'lib/libx.so.1.2'), 'library');
    const links = [{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }];
    writeFileSync(path.join(native, 'pg-symlinks.json'), JSON.stringify(links));

    linkLibraries(native);
    linkLibraries(native);

    expect(readlinkSync(path.join(native, 'lib/libx.so.1'))).toBe('libx.so.1.2');
  });

  test('a folder without programs is refused', async () => {
    await expect(folder.open({ binDir: folder.dataDir })).rejects.toThrow(/POSTGRES_BIN: there is no initdb/);
  });

  // PostgreSQL refuses to run as root, and its user cannot enter a private folder of root.
  const title = isRoot ? 'lies elsewhere, linked' : 'lies in it';
  test(`the database of a private folder ${title}`, async () => {
    chmodSync(folder.dataDir, 0o700);

    const { connection } = await folder.open();

    expect(await run(connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    const parent = isRoot ? '/var/lib/fluxgate' : folder.dataDir;
    expect(path.dirname(folder.cluster)).toBe(parent);
    expect(statSync(folder.cluster).uid === 0).toBe(false);
    expect(readdirSync(folder.dataDir).sort()).toEqual(['postgres', 'postgres.log']);
  });
});

/** Tries until it holds; the last failure is the test's. */
async function eventually(check: () => Promise<void>): Promise<void> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
}
