import { query } from '../support/database';
import { killServers } from '../support/server-process';
import { within } from '../support/within';
import { Cluster, urlOf } from './cluster';
import { expectKept } from './expect-kept';
import { Load } from './load';
import { describeWith, findStandbyPrograms } from './missing';
import { Served } from './served';

jest.setTimeout(600_000);

const ENOUGH = 50;
const PATIENCE_MS = 60_000;
const missing = 'pg_basebackup is not installed (a PostgreSQL of Debian has it)';

describeWith('with a synchronous standby', { found: findStandbyPrograms(), missing }, (binDir) => {
  let primary: Cluster;
  let standby: Cluster;
  let served: Served;
  let load: Load;

  beforeAll(async () => {
    primary = await Cluster.start({ binDir, settings: { max_wal_senders: '4' } });
    standby = await Cluster.copyOf(primary);
    await within(PATIENCE_MS, async () => {
      const [row] = await query<{ sync_state: string }>(
        primary.url,
        'select sync_state from pg_stat_replication',
      );
      return row?.sync_state === 'sync';
    });
    served = await Served.start(urlOf([primary.files, standby.files]));
    load = new Load(served.targets, served.bearer).start();
  });
  afterAll(async () => {
    await load.stop();
    await killServers();
    await standby.remove();
    await primary.remove();
  });

  test('when the primary is killed and the standby promoted, nothing is lost or repeated', async () => {
    await load.hasAcknowledgedMore(ENOUGH);
    await primary.kill();
    await within(PATIENCE_MS, () => Promise.resolve(load.ledger.count('UNKNOWN') > 0));
    await standby.promote();
    await load.hasAcknowledgedMore(ENOUGH);
    await load.stop();
    expect(served.first.hasEnded).toBe(false);
    await expectKept(load, standby.url);
  });
});
