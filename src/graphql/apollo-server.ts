import { ApolloServer, type ApolloServerOptions } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { RequestContext } from '../auth/caller';
import type { Logger } from '../log';
import type { ExecuteOptions, Executor } from './execute';
import { formatError } from './format-error';
import type { PreparedDocuments } from './prepared-documents';

type Options = ApolloServerOptions<RequestContext>;
type Gateway = NonNullable<Options['gateway']>;
type GatewayExecutor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>;

interface Parts {
  readonly execute: Executor;
  /** Where each document that Apollo has parsed is kept. */
  readonly documents: PreparedDocuments;
}

/**
 * Apollo speaks GraphQL over HTTP and parses; our executor validates, judges and runs. `gateway` is Apollo's seam for an
 * executor of one's own (docs/decisions/0005-own-executor-inside-apollo.md).
 */
export function createApolloServer(options: ExecuteOptions, parts: Parts): ApolloServer<RequestContext> {
  const { config, log } = options;
  return new ApolloServer<RequestContext>({
    gateway: createGateway(options, parts),
    plugins: [
      // Costs 15-25 % of the CPU of a query and answers a header that nobody reads.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
    formatError,
    logger: toApolloLogger(log),
    // Judged per caller in the executor; Apollo's switch knows no callers.
    introspection: true,
    parseOptions: { maxTokens: config.MAX_DOCUMENT_TOKENS },
    // In the executor: Apollo has no room for limits between parsing and validation.
    dangerouslyDisableValidation: true,
    // What has run is kept by us; what has not would only take memory.
    documentStore: null,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    // Apollo's default is to send stack traces unless NODE_ENV says production.
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    csrfPrevention: true,
  });
}

function createGateway({ schema }: ExecuteOptions, { execute, documents }: Parts): Gateway {
  const executor = async ({ document, source, request, context }: Parameters<GatewayExecutor>[0]) => {
    const result = await execute({
      document,
      // Not the name that Apollo has resolved: that is null, as if nothing had been asked for, when there is none.
      operationName: request.operationName,
      variables: request.variables ?? {},
      context: context as RequestContext,
    });
    // It ran, so it is valid and somebody may run it: strangers cannot fill the store with what is neither.
    if ('data' in result) documents.remember(source, document);
    return result as Awaited<ReturnType<GatewayExecutor>>;
  };
  return {
    load: () => Promise.resolve({ executor }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: schema, coreSupergraphSdl: '' });
      return () => undefined;
    },
    stop: () => Promise.resolve(),
  };
}

function toApolloLogger(log: Logger): {
  [Level in 'debug' | 'info' | 'warn' | 'error']: (message?: string) => void;
} {
  return {
    debug: (message) => log.debug(message),
    info: (message) => log.debug(message),
    warn: (message) => log.warn(message),
    error: (message) => log.error(message),
  };
}
