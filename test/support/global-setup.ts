import { startTestServer, type TestServer } from './test-server';

declare global {
  var testServer: TestServer | undefined;
}

/** Runs once, before all test files; the workers inherit the environment. */
async function setUp(): Promise<void> {
  const server = await startTestServer(process.env['DATABASE_URL']);
  globalThis.testServer = server;
  process.env['TEST_SERVER_URL'] = server.url;
  process.env['TEST_TEMPLATE'] = server.template;
}

export = setUp;
