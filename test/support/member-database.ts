import { WorkspaceEntity } from '../../src/auth/workspace.entity';
import { openDatabase, type Database } from '../../src/database/database';
import { newId } from '../../src/lib/uuid';
import { createLogger } from '../../src/log';
import { MemberEntity } from '../../src/members/member.entity';
import { MemberService } from '../../src/members/member.service';
import { PasswordHasher } from '../../src/members/password';
import { SessionEntity } from '../../src/members/session.entity';
import { SessionService } from '../../src/members/session.service';
import { testConfig } from './config';
import { createTestDatabase } from './database';
import { givenWorkspace } from './given-workspace';

export interface GivenMember {
  readonly workspaceId: string;
  readonly email: string;
  readonly password: string;
}

/** Members and sessions on a database of one's own, without a server around them. */
export interface MemberDatabase {
  readonly database: Database;
  readonly members: MemberService;
  readonly sessions: SessionService;
  /** What the services take for now. */
  now: Date;
  /** The owner of a new workspace. */
  givenOwner(): Promise<GivenMember>;
  close(): Promise<void>;
}

export async function openMemberDatabase(settings: Record<string, string> = {}): Promise<MemberDatabase> {
  const testDatabase = await createTestDatabase();
  const config = testConfig({ DATABASE_URL: testDatabase.url, ...settings });
  const entities = [WorkspaceEntity, MemberEntity, SessionEntity];
  const database = await openDatabase({ config, log: createLogger('silent'), entities });
  const { dataSource } = database;
  const passwords = new PasswordHasher();
  const clock = (): Date => db.now;
  const members = new MemberService(clock, passwords);
  const db: MemberDatabase = {
    database,
    members,
    sessions: new SessionService({ dataSource, config, clock, passwords }),
    now: new Date('2026-11-24T09:30:00.000Z'),
    givenOwner: async () => {
      const owner = {
        workspaceId: await givenWorkspace(database),
        email: `Ada.${newId()}@example.org`,
        password: `pass word ${newId()}`,
      };
      await members.createOwnerWithin(dataSource.manager, owner);
      return owner;
    },
    close: async () => {
      await database.close();
      await testDatabase.drop();
    },
  };
  return db;
}
