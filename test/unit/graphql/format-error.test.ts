import { GraphQLError } from 'graphql';
import { ApiError, badInput } from '../../../src/errors';
import { formatError, maskError, toGraphQLError } from '../../../src/graphql/format-error';
import { createLogger } from '../../../src/log';

const options = { requestId: 'r-1', log: createLogger('silent') };

/** As graphql-js hands on what a resolver throws. */
function located(originalError: Error): GraphQLError {
  return new GraphQLError(originalError.message, { originalError, path: ['events', 0] });
}

describe('an error of execution', () => {
  test('that is ours keeps its code, status, headers, place and facts', () => {
    const error = new ApiError('RATE_LIMITED', 'Wait.', {
      headers: { 'retry-after': '3' },
      details: { limit: 5 },
    });
    expect(maskError(located(error), options)).toMatchObject({
      message: 'Wait.',
      path: ['events', 0],
      extensions: {
        code: 'RATE_LIMITED',
        limit: 5,
        http: { status: 429, headers: new Map([['retry-after', '3']]) },
      },
    });
  });

  test.each([
    ['an Error', located(new Error('select canary from secret'))],
    ['a fault of the schema', located(new GraphQLError('Int cannot represent non-integer value: "canary"'))],
    ['a fault without a place', new GraphQLError('canary')],
    ['a null that must not be', located(new Error('Cannot return null for non-nullable field Canary.id.'))],
  ])('that is %s is masked, and found in the log by its request id', (_what, error) => {
    const masked = maskError(error, options);
    expect(masked).toMatchObject({
      message: 'Something went wrong on our side.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: 'r-1', http: { status: 500 } },
    });
    expect(JSON.stringify(masked)).not.toMatch(/canary/i);
  });

  test('that is an argument of graphql-js is the fault of the caller', () => {
    for (const error of [
      located(new GraphQLError('Argument "input" has invalid value {name: "canary"}.')),
      new GraphQLError('Argument "if" of non-null type "Boolean!" must not be null.'),
    ]) {
      const masked = maskError(error, options);
      expect(masked.extensions).toMatchObject({ code: 'BAD_USER_INPUT', http: { status: 400 } });
      expect(masked.message).toBe('A variable in this argument must not be null.');
    }
  });

  test.each([
    ['a refused connection', { code: 'ECONNREFUSED', syscall: 'connect' }],
    ['a database that is stopping', { code: '57P01' }],
  ])('that is %s asks to try again, also when it comes out of another realm', (_what, fields) => {
    const thrown = Object.assign(new Error('canary'), fields);
    const wrapped = Object.assign(new Error('Unexpected error value: canary'), {
      name: 'NonErrorThrown',
      thrownValue: thrown,
    });
    for (const error of [located(thrown), located(wrapped)]) {
      expect(maskError(error, options).extensions).toMatchObject({
        code: 'SERVICE_UNAVAILABLE',
        http: { status: 503 },
      });
    }
  });
});

describe("Apollo's last word", () => {
  const lastWord = (error: unknown) => formatError((error as GraphQLError).toJSON(), error);

  test('keeps our own code and message, whatever Apollo has made of them', () => {
    const error = toGraphQLError(badInput('The name is too long.', ['input', 'name']));
    const changed = {
      ...error.toJSON(),
      message: 'Context creation failed: The name is too long.',
      extensions: { ...error.extensions, code: 'OPERATION_RESOLUTION_FAILURE' },
    };
    expect(formatError(changed, error)).toMatchObject({
      message: 'The name is too long.',
      extensions: { code: 'BAD_USER_INPUT', path: ['input', 'name'] },
    });
  });

  test('translates the code of a request that is none', () => {
    expect(lastWord(new GraphQLError('No query.', { extensions: { code: 'BAD_REQUEST' } }))).toEqual({
      message: 'No query.',
      extensions: { code: 'BAD_USER_INPUT' },
    });
  });

  test('does not repeat what the parser did not expect', () => {
    for (const [message, shown] of [
      ['Syntax Error: Unexpected Name "canary".', 'The document is not GraphQL; see the location.'],
      [
        'Syntax Error: Document contains more that 2000 tokens. Parsing aborted.',
        'The document has too many tokens.',
      ],
    ]) {
      const error = new GraphQLError(message!, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
      expect(lastWord(error)).toEqual({ message: shown, extensions: { code: 'GRAPHQL_PARSE_FAILED' } });
    }
  });

  test.each([{ code: 'INTERNAL_SERVER_ERROR' }, { code: 'CANARY' }, { code: 7 }, {}])(
    'masks an error with %j',
    (extensions) => {
      expect(lastWord(new GraphQLError('canary', { extensions }))).toEqual({
        message: 'Something went wrong on our side.',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      });
    },
  );
});
