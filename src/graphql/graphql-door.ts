import type { IncomingHttpHeaders } from 'node:http';
import { HeaderMap, type ApolloServer } from '@apollo/server';
import type { RequestContext } from '../auth/caller';
import { ApiError } from '../errors';
import { createApolloServer } from './apollo-server';
import { createExecutor, type ExecuteOptions, type Executor } from './execute';
import { toGraphQLError } from './format-error';
import { findPreparedRequest, toHttpAnswer, type HttpAnswer, type PreparedRequest } from './prepared-request';
import { PreparedDocuments } from './prepared-documents';

export interface GraphQLHttpRequest {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the URL, with its question mark; empty without. */
  readonly search: string;
  /** Parsed JSON; undefined without a body. */
  readonly body: unknown;
  /** Who is calling; what it throws is an ApiError. */
  readonly createContext: () => Promise<RequestContext>;
}

/** Answers GraphQL over HTTP: what is new or unusual through Apollo, a repeated document by the executor behind it. */
export class GraphQLDoor {
  private readonly execute: Executor;
  private readonly documents = new PreparedDocuments();
  private readonly apollo: ApolloServer<RequestContext>;

  constructor(options: ExecuteOptions) {
    this.execute = createExecutor(options);
    this.apollo = createApolloServer(options, { execute: this.execute, documents: this.documents });
  }

  start(): Promise<void> {
    return this.apollo.start();
  }

  stop(): Promise<void> {
    return this.apollo.stop();
  }

  answer(request: GraphQLHttpRequest): Promise<HttpAnswer> {
    const { method, headers, body } = request;
    const prepared = findPreparedRequest({ method, accept: headers.accept, body }, this.documents);
    return prepared ? this.run(prepared, request.createContext) : this.askApollo(request);
  }

  private async run(
    prepared: PreparedRequest,
    createContext: () => Promise<RequestContext>,
  ): Promise<HttpAnswer> {
    try {
      return toHttpAnswer(await this.execute({ ...prepared, context: await createContext() }));
    } catch (error) {
      if (error instanceof ApiError) return toHttpAnswer({ errors: [toGraphQLError(error)] });
      throw error;
    }
  }

  private async askApollo({
    method,
    headers,
    search,
    body,
    createContext,
  }: GraphQLHttpRequest): Promise<HttpAnswer> {
    const answer = await this.apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: { method, headers: toHeaderMap(headers), search, body },
      context: createContext,
    });
    // Incremental delivery (@defer, @stream) is not in the schema, so every body is complete.
    const text = answer.body.kind === 'complete' ? answer.body.string : '';
    return { status: answer.status ?? 200, headers: answer.headers, body: text };
  }
}

function toHeaderMap(headers: IncomingHttpHeaders): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  return map;
}
