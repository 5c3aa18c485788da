import { toPgArray, toPgJsonArray, toPgPlainArray } from '../../src/lib/pg-array';
import { newId } from '../../src/lib/uuid';
import { openTestDatabase } from '../support/open-database';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

async function read(literal: string, type: string): Promise<unknown> {
  const { rows } = await database.pools.api.query<{ value: unknown }>(`select $1::${type}[] as value`, [
    literal,
  ]);
  return rows[0]?.value;
}

const AWKWARD = [
  '',
  'null',
  'NULL',
  null,
  '"',
  '\\',
  '\\"',
  '\\\\n',
  'a,b',
  '{a}',
  '  spaced  ',
  'line\nbreak\r\ttab\u0001\u007f\u2028',
  'naïve 😀',
  "'; drop table event; --",
];

test('texts come through as they are', async () => {
  expect(await read(toPgArray(AWKWARD), 'text')).toEqual(AWKWARD);
  expect(await read(toPgArray([]), 'text')).toEqual([]);
});

test('JSON comes through as it is', async () => {
  const values = AWKWARD.map((text) => ({ [text ?? 'none']: text, nested: [{ text }, 1.5, true] }));
  const jsons = [...values.map((value) => JSON.stringify(value)), null];

  expect(await read(toPgJsonArray(jsons), 'jsonb')).toEqual([...values, null]);
  expect(await read(toPgJsonArray([]), 'jsonb')).toEqual([]);
});

test('ids and times come through as they are', async () => {
  const ids = [newId(), newId()];
  const times = [new Date(0), new Date('0001-01-01T00:00:00.001Z'), new Date('9999-12-31T23:59:59.999Z')];

  expect(await read(toPgPlainArray(ids), 'uuid')).toEqual(ids);
  expect(await read(toPgPlainArray(times.map((time) => time.toISOString())), 'timestamptz')).toEqual(times);
});
