import { checkEvent, type EventInput } from '../../../src/events/event.rules';
import { testConfig } from '../../support/config';
import { thrownBy } from '../../support/thrown-by';

const NOW = new Date('2026-11-24T12:00:00.000Z');
const SENT_AT = new Date('2026-11-24T11:00:00.000Z');
const MINIMAL: EventInput = { name: 'page_view', userId: 'ada' };

function check(fields: Partial<EventInput> = {}, settings: Record<string, string> = {}, workspaceId = 'w') {
  const options = { id: 'id', workspaceId, now: NOW, config: testConfig(settings) };
  return checkEvent({ ...MINIMAL, ...fields }, options);
}

const refusal = (...path: (string | number)[]) =>
  expect.objectContaining({ code: 'BAD_USER_INPUT', inputPath: path }) as Error;

test('an event with little in it is completed', () => {
  expect(check()).toEqual({
    id: 'id',
    workspaceId: 'w',
    messageId: 'id',
    name: 'page_view',
    userId: 'ada',
    anonymousId: null,
    externalId: null,
    sessionId: null,
    identity: { kind: 'user', value: 'ada' },
    occurredAt: NOW,
    receivedAt: NOW,
    propertiesJson: '{}',
    contextJson: null,
  });
});

test('null and absent are the same', () => {
  const nothing = {
    anonymousId: null,
    externalId: null,
    sessionId: null,
    timestamp: null,
    properties: null,
    context: null,
    messageId: null,
  };
  expect(check(nothing)).toEqual(check());
});

describe('whose event it is', () => {
  test.each([
    [
      { userId: 'u', externalId: 'e', anonymousId: 'a' },
      { kind: 'user', value: 'u' },
    ],
    [
      { userId: null, externalId: 'e', anonymousId: 'a' },
      { kind: 'external', value: 'e' },
    ],
    [
      { userId: null, anonymousId: 'a' },
      { kind: 'anonymous', value: 'a' },
    ],
  ])('is decided by the strongest id of %j', (ids, identity) => {
    expect(check(ids).identity).toEqual(identity);
  });

  test('has to be said', () => {
    expect(thrownBy(() => check({ userId: null }))).toEqual(refusal());
  });
});

describe('the name', () => {
  test('is stored composed (NFC), neither trimmed nor in another case', () => {
    expect(check({ name: 'Cafe\u0301' }).name).toBe('Caf\u00e9');
  });

  test('is as long as its composed form', () => {
    expect(check({ name: 'e\u0301'.repeat(200) }).name).toHaveLength(200);
  });

  test.each(['', ' ', 'page view', ' page_view', 'a\0b', 'a\u2028b', '\ud800', 'x'.repeat(201)])(
    '%j is refused without being repeated',
    (name) => {
      const error = thrownBy(() => check({ name }));
      expect(error).toEqual(refusal('name'));
      if (name.length > 3) expect((error as Error).message).not.toContain(name);
    },
  );
});

describe('ids', () => {
  const fields = ['userId', 'anonymousId', 'externalId', 'sessionId', 'messageId'] as const;

  test.each(fields)('%s has at most 256 characters, of whatever planes', (field) => {
    expect(check({ [field]: '😀'.repeat(256) })).toMatchObject({ [field]: '😀'.repeat(256) });
    expect(thrownBy(() => check({ [field]: '😀'.repeat(257) }))).toEqual(refusal(field));
  });

  test.each(fields)('%s is neither empty nor broken', (field) => {
    for (const value of ['', 'a\0', '\udc00'])
      expect(thrownBy(() => check({ [field]: value }))).toEqual(refusal(field));
  });

  test('are kept as they are', () => {
    expect(check({ userId: ' Ada ' }).userId).toBe(' Ada ');
  });
});

describe('the time', () => {
  test.each(['2000-01-01T00:00:00.000Z', '2026-11-25T12:00:00.000Z'])('may be %s', (text) => {
    expect(check({ timestamp: new Date(text) }).occurredAt).toEqual(new Date(text));
  });

  test.each(['1999-12-31T23:59:59.999Z', '2026-11-25T12:00:00.001Z'])('may not be %s', (text) => {
    expect(thrownBy(() => check({ timestamp: new Date(text) }))).toEqual(refusal('timestamp'));
  });

  test('may not be a date that is none', () => {
    expect(thrownBy(() => check({ timestamp: new Date(Number.NaN) }))).toEqual(refusal('timestamp'));
  });
});

describe.each(['properties', 'context'] as const)('%s', (field) => {
  const nested = (levels: number): Record<string, unknown> => (levels === 1 ? {} : { a: nested(levels - 1) });

  test('may be nested 32 levels and no more', () => {
    expect(() => check({ [field]: nested(32) })).not.toThrow();
    expect(thrownBy(() => check({ [field]: nested(33) }))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('may have 1,000 keys and no more', () => {
    const keys = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, key) => [`k${key}`, 1]));
    expect(() => check({ [field]: keys(1000) })).not.toThrow();
    expect(thrownBy(() => check({ [field]: keys(1001) }))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('names the place of a value that cannot be stored', () => {
    expect(thrownBy(() => check({ [field]: { a: [1, 'x\0'] } }))).toEqual(refusal(field, 'a', 1));
    expect(thrownBy(() => check({ [field]: { a: Number.POSITIVE_INFINITY } }))).toEqual(refusal(field, 'a'));
  });

  test('takes __proto__, constructor and prototype for plain data', () => {
    const value = JSON.parse('{"__proto__":{"a":1},"constructor":2,"prototype":3}') as Record<
      string,
      unknown
    >;
    const { propertiesJson, contextJson } = check({ [field]: value });
    expect(field === 'properties' ? propertiesJson : contextJson).toBe(JSON.stringify(value));
  });
});

test('properties and context have 32 KiB in all', () => {
  const half = { text: 'x'.repeat(16_384 - '{"text":""}'.length) };

  expect(() => check({ properties: half, context: half })).not.toThrow();
  expect(thrownBy(() => check({ properties: half, context: { text: `${half.text}x` } }))).toEqual(refusal());
});

test('the limits are those of the configuration', () => {
  expect(thrownBy(() => check({ userId: 'x'.repeat(17) }, { MAX_ID_LENGTH: '16' }))).toEqual(
    refusal('userId'),
  );
  expect(thrownBy(() => check({ name: 'x'.repeat(17) }, { MAX_NAME_LENGTH: '16' }))).toEqual(refusal('name'));
  expect(thrownBy(() => check({ properties: { a: {} } }, { MAX_EVENT_DEPTH: '1' }))).toMatchObject({
    code: 'BAD_USER_INPUT',
  });
});

describe('the message id', () => {
  const derive = (fields: Partial<EventInput> = {}, workspaceId?: string) =>
    check({ timestamp: SENT_AT, ...fields }, {}, workspaceId).messageId;
  const PROPERTIES = { a: 1, b: { c: [1, 2], d: 'x' } };

  test('that was sent is kept', () => {
    expect(derive({ messageId: 'mine' })).toBe('mine');
    expect(check({ messageId: 'mine' }).messageId).toBe('mine');
  });

  test('cannot be derived without a time that was sent', () => {
    expect(check({ properties: PROPERTIES }).messageId).toBe('id');
  });

  test('is derived alike from the same content in another order', () => {
    const reordered = { b: { d: 'x', c: [1, 2] }, a: 1 };
    expect(derive({ properties: PROPERTIES })).toMatch(/^[\w-]{43}$/);
    expect(derive({ properties: reordered })).toBe(derive({ properties: PROPERTIES }));
  });

  test('is derived alike from names that are stored alike, and from no properties and empty ones', () => {
    expect(derive({ name: 'Cafe\u0301' })).toBe(derive({ name: 'Caf\u00e9' }));
    expect(derive({ properties: {} })).toBe(derive({ properties: null }));
  });

  test.each<[string, Partial<EventInput>]>([
    ['name', { name: 'click' }],
    ['user', { userId: 'bob' }],
    ['kind of id', { userId: null, externalId: 'ada' }],
    ['second id', { anonymousId: 'ada' }],
    ['session', { sessionId: 's' }],
    ['time', { timestamp: new Date(SENT_AT.getTime() + 1) }],
    ['value', { properties: { ...PROPERTIES, a: 2 } }],
    ['type of a value', { properties: { ...PROPERTIES, a: '1' } }],
    ['order of a list', { properties: { ...PROPERTIES, b: { c: [2, 1], d: 'x' } } }],
    [
      '__proto__',
      {
        properties: JSON.parse('{"a":1,"b":{"c":[1,2],"d":"x"},"__proto__":{}}') as EventInput['properties'],
      },
    ],
  ])('is derived differently from another %s', (_name, fields) => {
    expect(derive({ properties: PROPERTIES, ...fields })).not.toBe(derive({ properties: PROPERTIES }));
  });

  test('is derived differently in another workspace', () => {
    expect(derive({}, 'v')).not.toBe(derive({}, 'w'));
  });
});
