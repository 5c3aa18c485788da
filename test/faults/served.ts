import { OWNER_EMAIL, OWNER_PASSWORD } from '../support/app';
import { startServer, type ServerProcess } from '../support/server-process';
import type { Target } from './load';

/** The API on a new database, which any number of processes may serve; one of them can be replaced by another. */
export class Served {
  private readonly processes: ServerProcess[] = [];

  private constructor(
    readonly databaseUrl: string,
    private readonly settings: Readonly<Record<string, string>>,
    /** May write and read events. */
    readonly bearer: string,
  ) {}

  static async start(
    databaseUrl: string,
    { count = 1, settings = {} }: { count?: number; settings?: Readonly<Record<string, string>> } = {},
  ): Promise<Served> {
    const all = {
      DATABASE_URL: databaseUrl,
      RATE_LIMIT_PER_SECOND: '1000000',
      LOG_LEVEL: 'warn',
      ...settings,
    };
    const owner = { FLUXGATE_OWNER_EMAIL: OWNER_EMAIL, FLUXGATE_OWNER_PASSWORD: OWNER_PASSWORD };
    const first = await startServer({ ...all, ...owner });
    const served = new Served(databaseUrl, all, first.firstStart?.writeOnlyKey ?? '');
    served.processes.push(first);
    while (served.processes.length < count) await served.replace(served.processes.length);
    return served;
  }

  get first(): ServerProcess {
    return this.at(0);
  }

  at(index: number): ServerProcess {
    return this.processes[index]!;
  }

  /** Starts a process in this place; whatever was there has ended. */
  async replace(index: number): Promise<ServerProcess> {
    return (this.processes[index] = await startServer(this.settings));
  }

  /** For the load: one for each place, whichever process is there at the time. */
  get targets(): Target[] {
    return this.processes.map((_, index) => () => this.at(index).url);
  }
}
