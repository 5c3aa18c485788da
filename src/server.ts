import { startApp, type App } from './app';
import { readConfig, type Config } from './config';
import { createLogger, type Logger } from './log';
import { describeStart } from './start-message';

/** npm passes Ctrl-C on to a process that the terminal has told already. One keystroke must not count as two. */
const REPEAT_MS = 500;
/** Beyond SHUTDOWN_TIMEOUT_MS: for what waits in the queue, and for PostgreSQL to stop. */
const LAST_RESORT_MS = 35_000;

/** The process: read the configuration, start the app, stop it on a signal. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger(config.LOG_LEVEL);
  const starting = startApp({ config, log });
  stopOnSignal(starting, { config, log });
  const app = await starting;
  console.log(describeStart(app));
  log.info({ url: app.url, metricsUrl: app.metricsUrl ?? undefined }, 'started');
}

/** The first signal stops cleanly, a start that is under way too. The next one ends the process the hard way. */
function stopOnSignal(starting: Promise<App>, parts: { config: Config; log: Logger }): void {
  let signalledAtMs: number | undefined;
  const onSignal = (): void => {
    if (signalledAtMs === undefined) {
      signalledAtMs = performance.now();
      // Why a start failed is told by `main`.
      void starting.then(
        (app) => stop(app, parts),
        () => undefined,
      );
    } else if (performance.now() - signalledAtMs > REPEAT_MS) {
      process.exit(1);
    }
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal);
}

async function stop(app: App, { config, log }: { config: Config; log: Logger }): Promise<void> {
  log.info('stopping');
  setTimeout(() => {
    log.error('stopping took too long');
    process.exit(1);
  }, config.SHUTDOWN_TIMEOUT_MS + LAST_RESORT_MS).unref();
  try {
    await app.close();
    log.info('stopped');
    process.exit(0);
  } catch (error) {
    log.error({ err: error }, 'stopping failed');
    process.exit(1);
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
