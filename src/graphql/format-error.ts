import { GraphQLError, type ASTNode, type GraphQLFormattedError } from 'graphql';
import { toApiError } from '../database/to-api-error';
import { ApiError, badInput, ERRORS, type ErrorCode } from '../errors';
import type { Logger } from '../log';

/** Everyone is shown as many refusals as this, however many there were. */
export const MAX_ERRORS = 10;

/** The refusal as an error of an answer, with its place in the document and in the answer. */
export function toGraphQLError(
  error: ApiError,
  {
    nodes = null,
    path = null,
  }: { nodes?: readonly ASTNode[] | null; path?: GraphQLError['path'] | null } = {},
): GraphQLError {
  return new GraphQLError(error.message, { originalError: error, nodes, path });
}

/** `toApiError` for an error of execution. */
export function maskError(error: GraphQLError, options: { requestId: string; log: Logger }): GraphQLError {
  const thrown = readThrown(error.originalError ?? error);
  return toGraphQLError(toArgumentFault(thrown) ?? toApiError(thrown, options), error);
}

/** graphql-js wraps what is no Error, or one of another realm of Node. */
function readThrown(error: Error & { thrownValue?: unknown }): unknown {
  return error.name === 'NonErrorThrown' ? error.thrownValue : error;
}

/**
 * graphql-js's refusal of an argument at run time: a variable that was sent as null, where only its default would do.
 * Its text repeats the value. Whatever else graphql-js throws while it runs an operation is our fault.
 */
function toArgumentFault(error: unknown): ApiError | null {
  const name = error instanceof GraphQLError ? /^Argument "(\w+)" /.exec(error.message)?.[1] : undefined;
  return name === undefined ? null : badInput('A variable in this argument must not be null.', [name]);
}

/** Apollo's own codes that are none of ours. */
const TRANSLATED: Readonly<Record<string, ErrorCode>> = { BAD_REQUEST: 'BAD_USER_INPUT' };

/**
 * Apollo's last word on each error. What is not an ApiError comes from Apollo itself: the parser and requests that are
 * not GraphQL over HTTP.
 */
export function formatError(formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError {
  const original = error instanceof GraphQLError ? error.originalError : error;
  if (original instanceof ApiError) {
    const { message, code } = original;
    // Apollo puts words before the message ("Context creation failed") and codes of its own in place of ours.
    return { ...formatted, message, extensions: { ...formatted.extensions, code } };
  }
  const apolloCode = formatted.extensions?.['code'];
  const code = typeof apolloCode === 'string' ? (TRANSLATED[apolloCode] ?? apolloCode) : '';
  if (!(code in ERRORS) || code === 'INTERNAL_SERVER_ERROR') {
    return { message: 'Something went wrong on our side.', extensions: { code: 'INTERNAL_SERVER_ERROR' } };
  }
  const { message, locations } = formatted;
  return {
    message: code === 'GRAPHQL_PARSE_FAILED' ? describeSyntaxFault(message) : message,
    ...(locations && { locations }),
    extensions: { code },
  };
}

/** graphql-js quotes what it did not expect. */
function describeSyntaxFault(message: string): string {
  return /^Syntax Error: Document contains more that \d+ tokens/.test(message)
    ? 'The document has too many tokens.'
    : 'The document is not GraphQL; see the location.';
}
