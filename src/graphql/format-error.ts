import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { toApiError } from '../database/to-api-error';
import { ApiError, ERRORS, type ErrorCode } from '../errors';
import type { Logger } from '../log';

/** `toApiError` for an error of execution, with its place in the answer. */
export function maskError(error: GraphQLError, options: { requestId: string; log: Logger }): GraphQLError {
  const thrown = error.originalError ?? error;
  const shown = toApiError(thrown, options);
  const { nodes, path } = error;
  return new GraphQLError(shown.message, { originalError: shown, nodes: nodes ?? null, path: path ?? null });
}

/** Apollo's own codes that are none of ours. */
const TRANSLATED: Readonly<Record<string, ErrorCode>> = {
  BAD_REQUEST: 'BAD_USER_INPUT',
  OPERATION_RESOLUTION_FAILURE: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_FOUND: 'BAD_USER_INPUT',
  PERSISTED_QUERY_NOT_SUPPORTED: 'BAD_USER_INPUT',
};

/**
 * Apollo's last word on each error. What is not an ApiError comes from Apollo or graphql-js itself: parsing, validation
 * and malformed requests, whose texts may repeat what the client sent.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original instanceof ApiError) {
    // Apollo may have prefixed the message ("Context creation failed").
    return { ...formatted, message: original.message };
  }
  const apolloCode = formatted.extensions?.['code'];
  const code = typeof apolloCode === 'string' ? (TRANSLATED[apolloCode] ?? apolloCode) : '';
  if (!(code in ERRORS) || code === 'INTERNAL_SERVER_ERROR') {
    return { message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  }
  const { message, locations } = formatted;
  return { message: withoutValues(code, message), ...(locations && { locations }), extensions: { code } };
}

/** graphql-js quotes literals of the document; only its own words and the names of the schema are passed on. */
function withoutValues(code: string, message: string): string {
  if (code === 'GRAPHQL_PARSE_FAILED') {
    return /^Syntax Error: Document contains more that \d+ tokens/.exec(message)
      ? 'The document has too many tokens.'
      : 'The document is not GraphQL; see the location.';
  }
  if (code !== 'GRAPHQL_VALIDATION_FAILED') return message;
  return message
    .replace(/^Expected value of type ("[^"]*"), found .*$/s, 'Expected a value of type $1.')
    .replace(/^Expected value of type ("[^"]*") to be .*$/s, 'Expected a value of type $1.')
    .replace(/^(Int|Float|String|Boolean|ID) cannot represent .*$/s, '$1 cannot represent this value.')
    .replace(/^Value .* does not exist in ("[^"]*") enum.*$/s, 'This value does not exist in $1.')
    .replace(/^Enum ("[^"]*") cannot represent .*$/s, '$1 cannot represent this value.')
    .replace(/ Did you mean .*$/s, '');
}
