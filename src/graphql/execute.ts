import {
  execute,
  getOperationAST,
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { EVENT_NOT_ALLOWED, missingScopes } from '../auth/authorize';
import { unauthenticated, type RequestContext } from '../auth/caller';
import type { OperationPolicy, RuledField } from '../auth/operation-policy';
import type { Config } from '../config';
import { ApiError } from '../errors';
import type { Logger } from '../log';
import type { EventMeter } from '../telemetry/event-meter';
import { listRefusedEventNames } from './event-name-gate';
import { createNodeLimit } from './node-limit';
import { maskError, MAX_ERRORS, toGraphQLError } from './format-error';
import { createDocumentValidator } from './validate-document';
import { listVariableFaults } from './variable-faults';

export interface ExecuteOptions {
  readonly schema: GraphQLSchema;
  readonly policy: OperationPolicy;
  readonly meter: EventMeter;
  readonly config: Config;
  readonly log: Logger;
}

export interface ExecuteRequest {
  readonly document: DocumentNode;
  readonly operationName: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: RequestContext;
}

export type Executor = (request: ExecuteRequest) => Promise<ExecutionResult>;

/**
 * Step 7 to 10 of every GraphQL request: the document is validated, the whole operation is judged, then it runs, then
 * what went wrong is masked. The document is parsed.
 */
export function createExecutor(options: ExecuteOptions): Executor {
  const listDocumentFaults = createDocumentValidator(options);
  const findExcess = createNodeLimit(options.schema, options.config.MAX_OPERATION_NODES);
  return async (request) => {
    const { document, operationName, variables, context } = request;
    const faults = listDocumentFaults(document);
    if (faults.length > 0) return { errors: faults };
    const operation = getOperationAST(document, operationName);
    if (!operation) return { errors: [UNKNOWN_OPERATION] };
    context.asked.operation = options.policy.getRequirements(document, operation).name;
    const refusals = listRefusals(options, request, operation);
    if (refusals.length > 0) return { errors: refusals.slice(0, MAX_ERRORS) };
    const excess = findExcess(document, operation, variables);
    if (excess) return { errors: [toGraphQLError(excess)] };
    const result = await execute({
      schema: options.schema,
      document,
      contextValue: context,
      variableValues: variables,
      operationName,
      // What is wrong with variables is told in our own words: searching for similar names and printing what was sent
      // takes graphql-js longer than all the rest.
      hideSuggestions: true,
      options: { maxCoercionErrors: 0 },
    });
    if (!result.errors) return result;
    return { ...result, errors: toAnswer(options, request, { operation, result }).slice(0, MAX_ERRORS) };
  };
}

const UNKNOWN_OPERATION = toGraphQLError(
  new ApiError('BAD_USER_INPUT', 'operationName must name one operation of the document.'),
);

function listRefusals(
  { policy, meter, config }: ExecuteOptions,
  { document, variables, context: { caller } }: ExecuteRequest,
  operation: OperationDefinitionNode,
): GraphQLError[] {
  const fields = policy.listRefusedFields(document, operation, caller.scopes);
  if (fields.length > 0) return fields.map((field) => toRefusal(field, caller.kind === 'ANONYMOUS'));
  const requirements = policy.getRequirements(document, operation);
  if (config.INTROSPECTION === 'session' && caller.kind !== 'SESSION') {
    const introspection = requirements.fields.filter(({ rule }) => rule.kind === 'INTROSPECTION');
    if (introspection.length > 0)
      return introspection.map((field) => toRefusal(field, caller.kind === 'ANONYMOUS'));
  }
  return listRefusedEventNames(requirements.eventNames, { operation, variables, caller }).map(({ path }) =>
    toGraphQLError(meter.refused(new ApiError(EVENT_NOT_ALLOWED.code, EVENT_NOT_ALLOWED.message)), { path }),
  );
}

function toRefusal({ path, rule }: RuledField, isAnonymous: boolean): GraphQLError {
  if (isAnonymous) return toGraphQLError(unauthenticated('no credential'), { path });
  if (rule.kind === 'SCOPE') return toGraphQLError(missingScopes([rule.scope]), { path });
  return toGraphQLError(new ApiError('FORBIDDEN', 'Only a signed-in member may read the schema.'), { path });
}

function toAnswer(
  { schema, log }: ExecuteOptions,
  { variables, context: { requestId } }: ExecuteRequest,
  { operation, result }: { operation: OperationDefinitionNode; result: ExecutionResult },
): readonly GraphQLError[] {
  // Without `data` nothing ran: the variables did not fit.
  if (!('data' in result)) {
    const faults = listVariableFaults(schema, operation, variables);
    if (faults.length > 0) return faults;
  }
  return (result.errors ?? []).map((error) => maskError(error, { requestId, log }));
}
