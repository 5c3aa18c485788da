import { isUuid, newId } from '../../../src/lib/uuid';

test('a new id is a UUID of version 7', () => {
  expect(newId()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('ids sort in the order in which they were made', () => {
  const ids = Array.from({ length: 1_000 }, newId);

  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(1_000);
});

test.each([
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '0190F5A1-7C3D-7ABC-8DEF-0123456789AB',
  '123e4567-e89b-12d3-a456-426614174000',
])('%s is a UUID', (text) => {
  expect(isUuid(text)).toBe(true);
});

test.each([
  '',
  '0190f5a17c3d7abc8def0123456789ab',
  '{0190f5a1-7c3d-7abc-8def-0123456789ab}',
  '0190f5a1-7c3d-7abc-8def-0123456789ab\n',
  ' 0190f5a1-7c3d-7abc-8def-0123456789ab',
  '0190f5a1-7c3d-7abc-8def-0123456789ag',
  '0190f5a1-7c3d-7abc-8def-0123456789a',
])('%j is no UUID', (text) => {
  expect(isUuid(text)).toBe(false);
});
