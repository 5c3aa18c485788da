import {
  execute,
  getOperationAST,
  GraphQLError,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
} from 'graphql';
import { EVENT_NOT_ALLOWED, missingScopes } from '../auth/authorize';
import { unauthenticated, type RequestContext } from '../auth/caller';
import type { OperationPolicy, RuledField } from '../auth/operation-policy';
import type { Config } from '../config';
import { ApiError } from '../errors';
import type { Logger } from '../log';
import { listRefusedEventNames } from './event-name-gate';
import { maskError } from './format-error';
import { listVariableFaults } from './variable-faults';

export interface ExecuteOptions {
  readonly schema: GraphQLSchema;
  readonly policy: OperationPolicy;
  readonly config: Config;
  readonly log: Logger;
}

export interface ExecuteRequest {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

/** Everyone is shown as many refusals as this, however many fields were refused. */
const MAX_ERRORS = 10;

/**
 * Step 8 to 10 of every GraphQL request: the whole operation is judged, then it runs, then what went wrong is masked.
 * The document is parsed, within its limits and valid.
 */
export function createExecutor(
  options: ExecuteOptions,
): (request: ExecuteRequest) => Promise<ExecutionResult> {
  return async (request) => {
    const refusals = listRefusals(options, request);
    if (refusals.length > 0) return { errors: refusals.slice(0, MAX_ERRORS) };
    const { document, operationName, variables, context } = request;
    const result = await execute({
      schema: options.schema,
      document,
      contextValue: context,
      variableValues: variables,
      operationName,
    });
    if (!result.errors) return result;
    return { ...result, errors: toAnswer(options, request, result).slice(0, MAX_ERRORS) };
  };
}

function listRefusals({ policy, config }: ExecuteOptions, request: ExecuteRequest): GraphQLError[] {
  const { document, operationName, variables, context } = request;
  const { caller } = context;
  const operation = getOperationAST(document, operationName);
  if (!operation) {
    return [
      toGraphQLError(
        new ApiError('BAD_USER_INPUT', 'operationName must name one operation of the document.'),
      ),
    ];
  }
  const fields = policy.listRefusedFields(document, operation, caller.scopes);
  if (fields.length > 0) return fields.map((field) => toRefusal(field, caller.kind === 'ANONYMOUS'));
  const requirements = policy.getRequirements(document, operation);
  if (config.INTROSPECTION === 'session' && caller.kind !== 'SESSION') {
    const introspection = requirements.fields.filter(({ rule }) => rule.kind === 'INTROSPECTION');
    if (introspection.length > 0)
      return introspection.map((field) => toRefusal(field, caller.kind === 'ANONYMOUS'));
  }
  return listRefusedEventNames(requirements.eventNames, variables, caller).map(({ path }) =>
    toGraphQLError(new ApiError(EVENT_NOT_ALLOWED.code, EVENT_NOT_ALLOWED.message), path),
  );
}

function toRefusal({ path, rule }: RuledField, isAnonymous: boolean): GraphQLError {
  if (isAnonymous) return toGraphQLError(unauthenticated('no credential'), path);
  if (rule.kind === 'SCOPE') return toGraphQLError(missingScopes([rule.scope]), path);
  return toGraphQLError(new ApiError('FORBIDDEN', 'Only a signed-in member may read the schema.'), path);
}

function toGraphQLError(error: ApiError, path?: readonly string[]): GraphQLError {
  return new GraphQLError(error.message, { originalError: error, ...(path && { path }) });
}

function toAnswer(
  options: ExecuteOptions,
  request: ExecuteRequest,
  result: ExecutionResult,
): readonly GraphQLError[] {
  const { schema, log } = options;
  const operation = getOperationAST(request.document, request.operationName);
  // Without `data` nothing ran: the variables did not fit.
  if (operation && !('data' in result)) {
    const faults = listVariableFaults(schema, operation, request.variables);
    if (faults.length > 0) return faults;
  }
  return (result.errors ?? []).map((error) =>
    maskError(error, { requestId: request.context.requestId, log }),
  );
}
