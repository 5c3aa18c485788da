import { readPolicyVersion } from '../../src/auth/policy-version.store';
import { WorkspaceEntity } from '../../src/auth/workspace.entity';
import type { Config } from '../../src/config';
import { openDatabase, type Database } from '../../src/database/database';
import { newId } from '../../src/lib/uuid';
import { createLogger } from '../../src/log';
import type { Actor } from '../../src/settings/actor';
import { AllowedEventEntity } from '../../src/settings/allowed-event.entity';
import { AllowedEventsService } from '../../src/settings/allowed-events.service';
import { ApiSettingsService } from '../../src/settings/api-settings.service';
import { AuditEntryEntity } from '../../src/settings/audit-entry.entity';
import { IntegrationKeyEntity } from '../../src/settings/integration-key.entity';
import { IntegrationKeyService } from '../../src/settings/integration-key.service';
import { IpAccessService } from '../../src/settings/ip-access.service';
import { IpRangeEntity } from '../../src/settings/ip-range.entity';
import { testConfig } from './config';
import { createTestDatabase, type TestDatabase } from './database';
import { givenWorkspace } from './given-workspace';

/** Settings on a database of one's own, without a server around them. */
export interface SettingsDatabase {
  readonly database: Database;
  readonly keys: IntegrationKeyService;
  readonly ipAccess: IpAccessService;
  readonly allowedEvents: AllowedEventsService;
  readonly settings: ApiSettingsService;
  /** An admin of a new workspace. */
  givenAdmin(): Promise<Actor>;
  /** Audit rows of the key, oldest first. */
  auditOf(keyId: string): Promise<AuditEntryEntity[]>;
  policyVersion(): Promise<string>;
  close(): Promise<void>;
}

const ENTITIES = [WorkspaceEntity, IntegrationKeyEntity, IpRangeEntity, AllowedEventEntity, AuditEntryEntity];

export async function openSettingsDatabase(settings: Record<string, string> = {}): Promise<SettingsDatabase> {
  const testDatabase = await createTestDatabase();
  const config = testConfig({ DATABASE_URL: testDatabase.url, ...settings });
  const database = await openDatabase({ config, log: createLogger('silent'), entities: ENTITIES });
  return join(testDatabase, database, config);
}

function join(testDatabase: TestDatabase, database: Database, config: Config): SettingsDatabase {
  const { dataSource, pools } = database;
  const parts = { dataSource, config, clock: () => new Date() };
  return {
    database,
    keys: new IntegrationKeyService(parts),
    ipAccess: new IpAccessService(parts),
    allowedEvents: new AllowedEventsService(parts),
    settings: new ApiSettingsService(dataSource, pools.api),
    givenAdmin: async () => ({
      workspaceId: await givenWorkspace(database),
      name: `${newId()}@example.org`,
      clientIp: '192.0.2.1',
    }),
    auditOf: (target) =>
      dataSource.manager.find(AuditEntryEntity, { where: { target }, order: { at: 'ASC', id: 'ASC' } }),
    policyVersion: () => readPolicyVersion(pools.api),
    close: async () => {
      await database.close();
      await testDatabase.drop();
    },
  };
}
