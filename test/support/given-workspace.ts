import { insertWorkspace } from '../../src/auth/workspace.store';
import type { Database } from '../../src/database/database';
import { newId } from '../../src/lib/uuid';

/** An empty workspace of one's own. */
export async function givenWorkspace({ dataSource }: Database): Promise<string> {
  const id = newId();
  await insertWorkspace(dataSource.manager, { id, name: 'Test', createdAt: new Date() });
  return id;
}
