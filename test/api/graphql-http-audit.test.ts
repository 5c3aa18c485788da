import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { auditServer, type AuditResult } from 'graphql-http';
import { startTestApp } from '../support/app';

const names = (results: AuditResult[], status: AuditResult['status']): string[] =>
  results.filter((result) => result.status === status).map(({ id, name }) => `${id} ${name}`);

/** Of the specification "GraphQL over HTTP": https://graphql.github.io/graphql-over-http/draft/ */
test('the endpoint breaks no rule of GraphQL over HTTP, and no advice that a stock Apollo Server follows', async () => {
  const app = await startTestApp();
  const apollo = new ApolloServer({ typeDefs: 'type Query { answer: Int }' });
  try {
    const { url } = await startStandaloneServer(apollo, { listen: { port: 0 } });
    const ofApollo = await auditServer({ url, fetchFn: fetch });
    const ours = await auditServer({
      url: `${app.url}/graphql`,
      fetchFn: (input: string, init?: RequestInit) => {
        const headers = new Headers(init?.headers);
        headers.set('authorization', `Bearer ${app.session}`);
        return fetch(input, { ...init, headers });
      },
    });
    expect(ours.length).toBeGreaterThan(50);
    expect(names(ours, 'error')).toEqual([]);
    expect(names(ofApollo, 'warn')).toEqual(expect.arrayContaining(names(ours, 'warn')));
  } finally {
    await apollo.stop();
    await app.close();
  }
});
