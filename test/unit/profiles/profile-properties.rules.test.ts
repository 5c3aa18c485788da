import {
  boundProperties,
  formatProperties,
  mergeProperties,
  parseProperties,
  setProperties,
  type Properties,
} from '../../../src/profiles/profile-properties.rules';

const NONE: Properties = new Map();

/** Properties of entries like `plan: ['pro', 7]`: value and time. */
function properties(entries: Record<string, [value: unknown, setAt: number]>): Properties {
  return new Map(Object.entries(entries).map(([key, [value, setAt]]) => [key, { value, setAt }]));
}

const values = (all: Properties) => formatProperties(all).properties;
/** Order of keys has no meaning. */
const entriesOf = (all: Properties) => Object.fromEntries(all);

describe('merging', () => {
  const a = properties({ plan: ['free', 1], city: ['Bonn', 9], age: [null, 8] });
  const b = properties({ plan: [null, 5], city: ['Rome', 4], age: [30, 3], name: ['Ada', 2] });
  const c = properties({ plan: ['pro', 7], name: [null, 6], tags: [['x'], 10] });

  test('takes the newest of each key, a removal included', () => {
    expect(values(mergeProperties(a, b))).toEqual({ city: 'Bonn', name: 'Ada' });
  });

  test('does not depend on the order', () => {
    expect(entriesOf(mergeProperties(a, b))).toEqual(entriesOf(mergeProperties(b, a)));
  });

  test('does not depend on the grouping', () => {
    const leftFirst = mergeProperties(mergeProperties(a, b), c);
    const rightFirst = mergeProperties(a, mergeProperties(b, c));
    expect(entriesOf(leftFirst)).toEqual(entriesOf(rightFirst));
    expect(values(leftFirst)).toEqual({ plan: 'pro', city: 'Bonn', tags: ['x'] });
  });

  test('with itself changes nothing', () => {
    expect(entriesOf(mergeProperties(a, a))).toEqual(entriesOf(a));
  });

  test('prefers the upper one at the same time', () => {
    const merged = mergeProperties(properties({ plan: ['free', 1] }), properties({ plan: ['pro', 1] }));
    expect(values(merged)).toEqual({ plan: 'pro' });
  });

  test('of many random histories any order gives the same', () => {
    const random = createRandom(42);
    for (let round = 0; round < 200; round += 1) {
      const parts = Array.from({ length: 4 }, (_, index) =>
        properties(
          Object.fromEntries(
            Array.from({ length: 5 }, (_, step): [string, [unknown, number]] => [
              `key${random(4)}`,
              [random(3) === 0 ? null : random(9), step * 4 + index],
            ]),
          ),
        ),
      );
      const forwards = parts.reduce((over, under) => mergeProperties(under, over), NONE);
      const backwards = parts.reduceRight((over, under) => mergeProperties(over, under), NONE);
      expect(entriesOf(forwards)).toEqual(entriesOf(backwards));
    }
  });
});

describe('setting', () => {
  test('keeps the keys that are not given', () => {
    expect(values(setProperties(properties({ plan: ['free', 1] }), { city: 'Bonn' }, 2))).toEqual({
      plan: 'free',
      city: 'Bonn',
    });
  });

  test('null removes a key, and an older value cannot bring it back', () => {
    const removed = setProperties(properties({ plan: ['free', 1] }), { plan: null }, 3);
    expect(values(removed)).toEqual({});
    expect(values(mergeProperties(removed, properties({ plan: ['old', 2] })))).toEqual({});
  });

  test('wins when the clock is behind that of an earlier call', () => {
    const set = setProperties(properties({ plan: ['free', 1_000] }), { plan: 'pro' }, 5);
    expect(set.get('plan')).toEqual({ value: 'pro', setAt: 1_000 });
  });

  test('replaces a nested value as a whole', () => {
    const set = setProperties(properties({ address: [{ city: 'Bonn' }, 1] }), { address: { zip: '1' } }, 2);
    expect(values(set)).toEqual({ address: { zip: '1' } });
  });
});

describe('storing', () => {
  test('gives back what was stored, removed keys with their time', () => {
    const all = properties({ plan: ['pro', 2], age: [null, 3] });
    expect(formatProperties(all)).toEqual({
      properties: { plan: 'pro' },
      propertiesSetAt: { plan: 2, age: 3 },
    });
    expect(entriesOf(parseProperties(formatProperties(all)))).toEqual(entriesOf(all));
  });

  test('__proto__ and constructor are keys like any other', () => {
    const given = JSON.parse('{"__proto__": {"isAdmin": true}, "constructor": 1}') as Record<string, unknown>;
    const stored = formatProperties(setProperties(NONE, given, 7));
    expect(JSON.stringify(stored.properties)).toBe('{"__proto__":{"isAdmin":true},"constructor":1}');
    expect(Object.keys(stored.propertiesSetAt)).toEqual(['__proto__', 'constructor']);
    expect(values(parseProperties(stored))).toEqual(given);
  });
});

describe('bounding', () => {
  const limits = { maxKeys: 100, maxBytes: 10_000 };

  test('keeps everything within the limits', () => {
    const all = properties({ a: [1, 1], b: [2, 2] });
    expect(boundProperties(all, limits)).toBe(all);
  });

  test('drops the keys set longest ago beyond the number of keys', () => {
    const all = properties({ oldest: [1, 1], newest: [3, 3], middle: [2, 2] });
    expect(values(boundProperties(all, { ...limits, maxKeys: 2 }))).toEqual({ newest: 3, middle: 2 });
  });

  test('removed keys count, so that they cannot pile up', () => {
    const all = properties({ gone: [null, 1], kept: [1, 2] });
    expect([...boundProperties(all, { ...limits, maxKeys: 1 }).keys()]).toEqual(['kept']);
  });

  test('drops the keys set longest ago beyond the bytes, as JSON in UTF-8', () => {
    // ["k","éé"] has 10 characters and 12 bytes.
    const all = properties({ o: ['éé', 1], n: ['éé', 2] });
    expect(values(boundProperties(all, { ...limits, maxBytes: 24 }))).toEqual({ o: 'éé', n: 'éé' });
    expect(values(boundProperties(all, { ...limits, maxBytes: 23 }))).toEqual({ n: 'éé' });
  });

  test('of keys set at the same time the same ones are kept in any order', () => {
    const all = properties({ a: [1, 1], b: [1, 1], c: [1, 1] });
    const reversed: Properties = new Map([...all].reverse());
    const kept = (some: Properties) => [...boundProperties(some, { ...limits, maxKeys: 2 }).keys()];
    expect(kept(all)).toEqual(kept(reversed));
  });
});

/** Numbers from 0 below `limit`, the same in every run. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * limit);
  };
}
