import { ApolloServer } from '@apollo/server';
import type { GatewayInterface } from '@apollo/server-gateway-interface';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';
import type { RequestContext } from '../auth/caller';
import type { Logger } from '../log';
import { createExecutor, type ExecuteOptions } from './execute';
import { formatError } from './format-error';

/**
 * Apollo speaks GraphQL over HTTP, parses and keeps documents; our executor validates, judges and runs them. `gateway` is
 * Apollo's seam for an executor of one's own.
 */
export function createApolloServer(options: ExecuteOptions): ApolloServer<RequestContext> {
  const { config, log } = options;
  return new ApolloServer<RequestContext>({
    gateway: createGateway(options),
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
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    // Apollo's default is to send stack traces unless NODE_ENV says production.
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    csrfPrevention: true,
  });
}

function createGateway(options: ExecuteOptions): GatewayInterface {
  const execute = createExecutor(options);
  return {
    load: () =>
      Promise.resolve({
        executor: ({ document, request, context }) =>
          execute({
            document,
            // Not the name that Apollo has resolved: that is null, as if nothing had been asked for, when there is none.
            operationName: request.operationName,
            variables: request.variables ?? {},
            context: context as RequestContext,
          }) as ReturnType<NonNullable<Awaited<ReturnType<GatewayInterface['load']>>['executor']>>,
      }),
    onSchemaLoadOrUpdate: (callback) => {
      callback({ apiSchema: options.schema, coreSupergraphSdl: '' });
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
