import { parseIpRangeDraft, parseIpRangeDrafts, requireRoomFor } from '../../../src/settings/ip-access.rules';
import { thrownBy } from '../../support/thrown-by';

test('a range is kept in its canonical form', () => {
  expect(parseIpRangeDraft({ range: '2001:DB8:0::/32', description: 'Office' }, ['input'])).toEqual({
    range: '2001:db8::/32',
    description: 'Office',
  });
  expect(parseIpRangeDraft({ range: '::ffff:192.0.2.7' }, ['input'])).toEqual({
    range: '192.0.2.7',
    description: null,
  });
});

test.each([
  '0.0.0.0/0',
  '::/0',
  '10.0.0.1/8',
  '010.0.0.1',
  '10.1',
  'fe80::1%eth0',
  '',
  'canary',
  '10.0.0.0/8\n',
])('%j is refused where it stands, without being repeated', (range) => {
  const error = thrownBy(() => parseIpRangeDraft({ range }, ['input']));
  expect(error).toMatchObject({ code: 'BAD_USER_INPUT', inputPath: ['input', 'range'] });
  expect((error as Error).message).not.toContain('canary');
});

test.each(['a'.repeat(201), 'a\0', 'a\nb', '\ud800'])('the description %.10j is refused', (description) => {
  expect(thrownBy(() => parseIpRangeDraft({ range: '10.0.0.0/8', description }, ['input']))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'description'],
  });
});

test('one bad entry refuses the whole list', () => {
  expect(
    thrownBy(() =>
      parseIpRangeDrafts([{ range: '10.0.0.0/8' }, { range: '10.0.0.0/33' }], 100, ['input', 'ipRanges']),
    ),
  ).toMatchObject({ code: 'BAD_USER_INPUT', inputPath: ['input', 'ipRanges', 1, 'range'] });
});

test('the same range in two spellings is a mistake in a list', () => {
  expect(
    thrownBy(() =>
      parseIpRangeDrafts([{ range: '192.0.2.7' }, { range: '192.0.2.7/32' }], 100, ['input', 'ipRanges']),
    ),
  ).toMatchObject({ code: 'BAD_USER_INPUT', inputPath: ['input', 'ipRanges', 1, 'range'] });
});

test('a list has a largest length', () => {
  const two = [{ range: '10.0.0.1' }, { range: '10.0.0.2' }];
  expect(parseIpRangeDrafts(two, 2, [])).toHaveLength(2);
  expect(thrownBy(() => parseIpRangeDrafts(two, 1, ['input', 'ipRanges']))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'ipRanges'],
  });
});

test('a stored range is not added again, and a full list takes no more', () => {
  const draft = { range: '10.0.0.0/8', description: null };
  expect(() => requireRoomFor(draft, [{ range: '10.0.0.0/9' }], 2)).not.toThrow();
  expect(thrownBy(() => requireRoomFor(draft, [{ range: '10.0.0.0/8' }], 2))).toMatchObject({
    code: 'CONFLICT',
  });
  expect(thrownBy(() => requireRoomFor(draft, [{ range: '10.0.0.0/9' }], 1))).toMatchObject({
    code: 'BAD_USER_INPUT',
    inputPath: ['input', 'range'],
  });
});
