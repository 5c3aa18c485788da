import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { within } from './within';

/** Built by `npm test` before the tests. */
const PROGRAM = path.resolve(__dirname, '../../dist/src/server.js');
const START_TIMEOUT_MS = 60_000;
/** The block of the very first start, to its last command. */
const FIRST_START = /This is the first start[^]*?\nA first profile:\n\n[^]*?\n\n/;

const running = new Set<ServerProcess>();

/** The real program in a process of its own, which gets these settings and no others. */
export class ServerProcess {
  private readonly child: ChildProcess;
  /** All that it printed, on both streams. */
  output = '';
  /** Its exit code; null when a signal ended it. */
  readonly exit: Promise<number | null>;

  constructor(settings: Readonly<Record<string, string>>) {
    const { PATH, TMPDIR } = process.env;
    this.child = spawn(process.execPath, [PROGRAM], { env: { PATH, TMPDIR, PORT: '0', ...settings } });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    running.add(this);
    // Not `exit`: then its last words may still be on their way.
    this.exit = once(this.child, 'close').then(([code]) => {
      running.delete(this);
      return code as number | null;
    });
  }

  get hasEnded(): boolean {
    return !running.has(this);
  }

  /** Where it listens. Throws before it does. */
  get url(): string {
    const url = /Fluxgate listens on (\S+)/.exec(this.output)?.[1];
    if (!url) throw new Error(`It does not listen. It printed:\n${this.output}`);
    return url;
  }

  /** What it printed without what it is meant to show once. */
  get log(): string {
    return this.output.replace(FIRST_START, '');
  }

  /** The block of the very first start; null when there is none. */
  get firstStart(): FirstStart | null {
    const block = FIRST_START.exec(this.output)?.[0];
    return block === undefined ? null : readFirstStart(block);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Pulls the plug, and waits until it is gone. */
  async killHard(): Promise<void> {
    this.kill('SIGKILL');
    await this.exit;
  }
}

export interface FirstStart {
  readonly text: string;
  readonly ownerEmail: string;
  readonly ownerPassword: string;
  readonly writeOnlyKey: string;
  readonly readWriteKey: string;
}

function readFirstStart(text: string): FirstStart {
  const read = (label: string) => new RegExp(`^ *${label} +(\\S+)`, 'm').exec(text)?.[1] ?? '';
  return {
    text,
    ownerEmail: read('Owner'),
    ownerPassword: read('Password'),
    writeOnlyKey: read('Write-only key'),
    readWriteKey: read('Read & write key'),
  };
}

/** Resolves when it listens and has said all that it says at its start. Throws when it ends before. */
export async function startServer(settings: Readonly<Record<string, string>>): Promise<ServerProcess> {
  const server = new ServerProcess(settings);
  await within(START_TIMEOUT_MS, () => {
    if (server.hasEnded) throw new Error(`The server ended. It printed:\n${server.output}`);
    return Promise.resolve(/ {2}Health .*\n/.test(server.output));
  });
  return server;
}

/** For `afterEach` and `afterAll`: no test leaves a process behind. */
export async function killServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.killHard()));
}
