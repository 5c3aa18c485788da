import { spawnSync } from 'node:child_process';
import { rmSync, statfsSync } from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killServers } from '../support/server-process';
import { within } from '../support/within';
import { Cluster } from './cluster';
import { expectKept } from './expect-kept';
import { Load } from './load';
import { describeWith, mountSmallDisk, unmount } from './missing';
import { Served } from './served';

jest.setTimeout(600_000);

const DISK_MB = 200;
/** What the load has to fill by itself: the disk becomes full in the middle of it. */
const LEFT_MB = 2;
const FULL_FOR_MS = 2_000;
const PATIENCE_MS = 60_000;
const ENOUGH = 50;

const disk = mountSmallDisk(DISK_MB);
const missing = 'mounting a small disk needs root';

describeWith('with a disk that becomes full', { found: disk, missing }, (folder) => {
  let cluster: Cluster;
  let load: Load;

  beforeAll(async () => {
    cluster = await Cluster.start({ dataDir: path.join(folder, 'data') });
    const served = await Served.start(cluster.url);
    load = new Load(served.targets, served.bearer).start();
  });
  afterAll(async () => {
    await load.stop();
    await killServers();
    await cluster.remove();
    unmount(folder);
  });

  test('nothing is lost or repeated, and events go on when there is room again', async () => {
    await load.hasAcknowledgedMore(ENOUGH);
    const filler = fill(folder);
    await within(PATIENCE_MS, () => Promise.resolve(load.ledger.count('UNKNOWN') > 0));
    await sleep(FULL_FOR_MS);
    rmSync(filler);
    // A full disk of the write-ahead log may end PostgreSQL; then whoever made room starts it again.
    if (!cluster.isRunning) await cluster.start();
    await load.hasAcknowledgedMore(ENOUGH);
    await load.stop();
    await expectKept(load, cluster.url);
  });
});

function fill(folder: string): string {
  const { bavail, bsize } = statfsSync(folder);
  const filler = path.join(folder, 'filler');
  const { status, stderr } = spawnSync('fallocate', [
    '-l',
    String(bavail * bsize - LEFT_MB * 2 ** 20),
    filler,
  ]);
  if (status !== 0) throw new Error(`The disk could not be filled: ${String(stderr)}`);
  return filler;
}
