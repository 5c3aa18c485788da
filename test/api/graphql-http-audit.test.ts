import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { auditServer, type AuditResult } from 'graphql-http';
import { startTestApp, type TestApp } from '../support/app';

/** Names of the audits that ended so. */
function namesOf(results: readonly AuditResult[], status: AuditResult['status']): string[] {
  return results.filter((result) => result.status === status).map(({ name }) => name);
}

describe('GraphQL over HTTP', () => {
  let app: TestApp;
  let results: AuditResult[];

  beforeAll(async () => {
    app = await startTestApp();
    results = await auditServer({
      url: `${app.url}/graphql`,
      fetchFn: (url: string, init: RequestInit = {}) => {
        const headers = new Headers(init.headers);
        headers.set('authorization', `Bearer ${app.session}`);
        return fetch(url, { ...init, headers });
      },
    });
  });
  afterAll(() => app.close());

  test('is spoken without an error', () => {
    expect(namesOf(results, 'error')).toEqual([]);
    expect(namesOf(results, 'ok').length).toBeGreaterThan(50);
  });

  test('is spoken with no warning that a stock Apollo Server does not get', async () => {
    const stock = new ApolloServer({ typeDefs: 'type Query { hello: String }' });
    const { url } = await startStandaloneServer(stock, { listen: { port: 0, host: '127.0.0.1' } });
    const stockWarnings = new Set(namesOf(await auditServer({ url }), 'warn'));
    await stock.stop();
    expect(namesOf(results, 'warn').filter((name) => !stockWarnings.has(name))).toEqual([]);
  });
});
