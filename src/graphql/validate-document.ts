import {
  Kind,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { Config } from '../config';
import { ApiError } from '../errors';
import { MAX_ERRORS, toGraphQLError } from './format-error';
import { requireWithinLimits } from './query-limits';

/** What is wrong with a document, whoever sends it. Empty: it may be judged and run. */
export type DocumentValidator = (document: DocumentNode) => readonly GraphQLError[];

/** Limits, then the rules of GraphQL. The verdict is kept as long as Apollo keeps the document. */
export function createDocumentValidator(options: {
  schema: GraphQLSchema;
  config: Config;
}): DocumentValidator {
  const verdicts = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  return (document) => {
    const known = verdicts.get(document);
    if (known) return known;
    const faults = listFaults(document, options);
    verdicts.set(document, faults);
    return faults;
  };
}

function listFaults(
  document: DocumentNode,
  { schema, config }: { schema: GraphQLSchema; config: Config },
): readonly GraphQLError[] {
  try {
    requireWithinLimits(document, config);
  } catch (error) {
    if (error instanceof ApiError) return [toGraphQLError(error)];
    throw error;
  }
  const faults = validate(schema, document, specifiedRules, { maxErrors: MAX_ERRORS, hideSuggestions: true });
  // graphql-js adds one that says that there are more.
  if (faults.length > 0) return faults.slice(0, MAX_ERRORS).map(toRefusal);
  return listUnknownOperations(document, schema);
}

function toRefusal({ message, nodes }: GraphQLError): GraphQLError {
  const error = new ApiError('GRAPHQL_VALIDATION_FAILED', withoutValues(message));
  return toGraphQLError(error, { nodes: nodes ?? null });
}

/** graphql-js finds no fault in a subscription when the schema has none, and then fails to run it. */
function listUnknownOperations(document: DocumentNode, schema: GraphQLSchema): GraphQLError[] {
  return document.definitions.flatMap((node) => {
    if (node.kind !== Kind.OPERATION_DEFINITION || schema.getRootType(node.operation)) return [];
    const error = new ApiError('GRAPHQL_VALIDATION_FAILED', `There is no ${node.operation} here.`);
    return [toGraphQLError(error, { nodes: [node] })];
  });
}

/** graphql-js and scalars quote literals of the document. Its own words and names are passed on, values are not. */
function withoutValues(message: string): string {
  return (
    message
      .replace(/^Expected value of type ("[^"]*")(?:, found| to be) .*$/s, 'Expected a value of type $1.')
      .replace(/^Value .* does not exist in ("[^"]*") enum.*$/s, 'This value does not exist in $1.')
      .replace(/^(?:Enum )?("[^"]*"|\w+) cannot represent .*$/s, '$1 cannot represent this value.')
      // Not hidden with the others: `Did you mean "field { ... }"?`
      .replace(/ Did you mean .*$/s, '')
  );
}
