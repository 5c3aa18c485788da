import { startApp, type App } from './app';
import { readConfig, type Config } from './config';
import { createLogger, type Logger } from './log';
import { describeFirstRun, describeStart } from './start-message';

/** The process: read the configuration, start the app, stop it on a signal. */
async function main(): Promise<void> {
  const config = readConfig(process.env);
  const log = createLogger(config.LOG_LEVEL);
  const app = await startApp({ config, log });
  console.log(describeStart(app.url));
  if (app.firstRun) console.log(describeFirstRun(app.url, app.firstRun));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(app, { config, log }));
}

/** A second signal of the same kind ends the process the hard way, as `once` has removed this handler by then. */
function stop(app: App, { config, log }: { config: Config; log: Logger }): void {
  log.info('stopping');
  setTimeout(() => {
    log.error('stopping took too long');
    process.exit(1);
  }, config.SHUTDOWN_TIMEOUT_MS).unref();
  app.close().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'stopping failed');
      process.exit(1);
    },
  );
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
