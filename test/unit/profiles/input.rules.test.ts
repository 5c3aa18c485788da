import { ApiError } from '../../../src/errors';
import { encodeCursor } from '../../../src/lib/cursor';
import {
  findIdFault,
  requireCursor,
  requireIdentities,
  requireJsonObject,
  requireJsonSize,
  requireOneIdentity,
  requirePageSize,
  requireText,
} from '../../../src/profiles/input.rules';

const limit = { path: ['input'], max: 16 };

/** The error that `run` throws; a test fails when it throws none or another. */
function refusalOf(run: () => unknown): Pick<ApiError, 'code' | 'inputPath' | 'message'> {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return error;
  }
  throw new Error('Nothing was refused.');
}

describe('an id', () => {
  test.each(['a', 'a'.repeat(16), '🙂'.repeat(16), ' ', 'a\nb', "'; drop --"])('may be %j', (id) =>
    expect(findIdFault(id, 16)).toBeNull(),
  );

  test.each(['', 'a'.repeat(17), '🙂'.repeat(17), 'a\0', '\ud83d'])('may not be %j', (id) => {
    expect(findIdFault(id, 16)).toMatch(/^An id (must have|contains)/);
  });
});

describe('the ids of a call', () => {
  test('come strongest first, null and absent ones left out', () => {
    expect(requireIdentities({ anonymousId: 'a', externalId: null, userId: 'u' }, limit)).toEqual([
      { kind: 'user', value: 'u' },
      { kind: 'anonymous', value: 'a' },
    ]);
  });

  test('are refused when there is none', () => {
    expect(refusalOf(() => requireIdentities({ userId: null }, limit))).toMatchObject({
      code: 'BAD_USER_INPUT',
      inputPath: ['input'],
    });
  });

  test('are refused at the faulty one, whose value is not repeated', () => {
    const refusal = refusalOf(() => requireIdentities({ userId: 'u', externalId: 'secret\0' }, limit));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', inputPath: ['input', 'externalId'] });
    expect(refusal.message).not.toContain('secret');
  });
});

describe('a key', () => {
  test('is the one id', () => {
    expect(requireOneIdentity({ externalId: 'e' }, limit)).toEqual({ kind: 'external', value: 'e' });
  });

  test.each([{}, { userId: 'u', anonymousId: 'a' }])('is refused unless it is exactly one id: %j', (key) => {
    expect(refusalOf(() => requireOneIdentity(key, limit))).toMatchObject({
      code: 'BAD_USER_INPUT',
      inputPath: ['input'],
    });
  });
});

describe('a JSON object', () => {
  const limits = { maxDepth: 3, maxKeys: 4 };
  const check = (value: unknown) => requireJsonObject(value, ['input', 'properties'], limits);

  test('is taken as it is; none is an empty one', () => {
    const object = { a: { b: [1] } };
    expect(check(object)).toBe(object);
    expect(check(null)).toEqual({});
    expect(check(undefined)).toEqual({});
  });

  test.each([['text'], [1], [[1]]])('is not %j', (value) => {
    expect(refusalOf(() => check(value))).toMatchObject({
      code: 'BAD_USER_INPUT',
      inputPath: ['input', 'properties'],
    });
  });

  test('is refused at the place of the fault', () => {
    expect(refusalOf(() => check({ a: ['x', 'y\0'] }))).toMatchObject({
      code: 'BAD_USER_INPUT',
      inputPath: ['input', 'properties', 'a', 1],
    });
  });

  test('is refused over the limits of depth and keys', () => {
    expect(refusalOf(() => check({ a: { b: { c: {} } } })).code).toBe('BAD_USER_INPUT');
    expect(refusalOf(() => check({ a: 1, b: 2, c: { d: 3, e: 4 } })).code).toBe('BAD_USER_INPUT');
  });
});

test('the sizes of properties and context count together, in bytes', () => {
  expect(() => requireJsonSize(['{"é":1}', '{}'], { path: ['input'], max: 10 })).not.toThrow();
  expect(refusalOf(() => requireJsonSize(['{"é":1}', '{}'], { path: ['input'], max: 9 }))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input'],
  });
});

test('a page has 1 to the greatest number of rows', () => {
  expect([1, 100].map((first) => requirePageSize(first, 100))).toEqual([1, 100]);
  for (const first of [0, -1, 101]) {
    expect(refusalOf(() => requirePageSize(first, 100))).toMatchObject({
      code: 'BAD_USER_INPUT',
      inputPath: ['first'],
    });
  }
});

describe('a cursor', () => {
  const read = (after: string | null | undefined) =>
    requireCursor<[string]>(after, 1, (part) => part === 'known');

  test('gives back its parts; none is null', () => {
    expect(read(encodeCursor(['known']))).toEqual(['known']);
    expect(read(null)).toBeNull();
    expect(read(undefined)).toBeNull();
  });

  test.each(['', 'rubbish', encodeCursor(['unknown']), encodeCursor(['known', 'more'])])(
    'is refused when it is %j',
    (after) => {
      expect(refusalOf(() => read(after))).toMatchObject({ code: 'BAD_USER_INPUT', inputPath: ['after'] });
    },
  );
});

describe('a text', () => {
  const read = (text: string) => requireText(text, { path: ['filter', 'segment'], max: 16 });

  test('is taken as it is', () => {
    expect(read(' VIP & co\n')).toBe(' VIP & co\n');
  });

  test.each(['', 'a'.repeat(17), 'a\0', '\udc00'])('is refused when it is %j', (text) => {
    expect(refusalOf(() => read(text))).toMatchObject({
      code: 'BAD_USER_INPUT',
      inputPath: ['filter', 'segment'],
    });
  });
});
