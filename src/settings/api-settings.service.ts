import type { DataSource } from 'typeorm';
import { getWorkspace } from '../auth/workspace.store';
import type { Sql } from '../database/transaction';
import type { ApiSettings } from './api-settings.types';
import { listIntegrationKeys } from './integration-key.store';
import type { IntegrationKey } from './integration-key.types';

/** What the settings page shows. */
export class ApiSettingsService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly db: Sql,
  ) {}

  async getSettings(workspaceId: string): Promise<ApiSettings> {
    return { workspace: await getWorkspace(this.db, workspaceId) };
  }

  listKeys(workspaceId: string, includeRevoked: boolean): Promise<IntegrationKey[]> {
    return listIntegrationKeys(this.dataSource.manager, { workspaceId, includeRevoked });
  }
}
