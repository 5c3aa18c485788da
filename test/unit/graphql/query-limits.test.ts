import { parse } from 'graphql';
import { requireWithinLimits } from '../../../src/graphql/query-limits';
import { testConfig } from '../../support/config';
import { thrownBy } from '../../support/thrown-by';

const config = testConfig({ MAX_ROOT_FIELDS: '3', MAX_OPERATION_DEPTH: '4', MAX_OPERATION_FIELDS: '10' });

function faultOf(text: string): string | null {
  try {
    requireWithinLimits(parse(text), config);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const ROOTS = 'An operation may have at most 3 root fields.';
const LEVELS = 'An operation may have at most 4 levels of fields.';
const FIELDS = 'An operation may have at most 10 fields, fragments expanded.';

test.each([
  ['{ a b c }', null],
  ['{ a b c d }', ROOTS],
  ['{ a a a a }', ROOTS],
  ['{ w: a x: a y: a z: a }', ROOTS],
  ['{ ... { a b } ... on Query { c d } }', ROOTS],
  ['{ ...F ...F } fragment F on Query { a b }', ROOTS],
  ['{ a @skip(if: true) b c d }', ROOTS],
  ['query A { a } query B { a b c d }', ROOTS],
  ['{ a { b c d e } }', null],
])('counts the root fields of %s', (text, fault) => {
  expect(faultOf(text)).toBe(fault);
});

test.each([
  ['{ a { b { c { d } } } }', null],
  ['{ a { b { c { d { e } } } } }', LEVELS],
  ['{ a { ... { ... on T { b { c { d } } } } } }', null],
  ['{ a { ...F } } fragment F on T { b { ...G } } fragment G on T { c { d { e } } }', LEVELS],
  ['{ a } fragment F on T { a { b { c { d { e } } } } }', null],
  ['{ __schema { a { b { c { d } } } } }', null],
  ['{ a { __schema { b { c { d } } } } }', null],
])('counts the levels of %s', (text, fault) => {
  expect(faultOf(text)).toBe(fault);
});

test.each([
  ['{ a { b c d e f g h i j } }', null],
  ['{ a { b c d e f g h i j k } }', FIELDS],
  ['{ a { ...F } b { ...F } } fragment F on T { c d e f }', null],
  ['{ a { ...F } b { ...F } } fragment F on T { c d e f g }', FIELDS],
  ['{ a } fragment F on T { b c d e f g h i j k l }', FIELDS],
  ['{ __schema { b c d e f g h i j k } }', FIELDS],
])('counts the fields of %s', (text, fault) => {
  expect(faultOf(text)).toBe(fault);
});

test.each([
  '{ a { ...F } } fragment F on T { ...F }',
  '{ a { ...F } } fragment F on T { b ...G } fragment G on T { c ...F }',
  '{ a { ...Unknown } }',
])('leaves it to validation to refuse %s', (text) => {
  expect(faultOf(text)).toBeNull();
});

test('refuses one field that is asked for too many times in one place, and no field that is in many', () => {
  const generous = testConfig();
  const repeated = (count: number): string => `{ a { ${'b '.repeat(count)} } }`;
  expect(() => requireWithinLimits(parse(repeated(200)), generous)).not.toThrow();
  expect(thrownBy(() => requireWithinLimits(parse(repeated(250)), generous))).toMatchObject({
    code: 'OPERATION_TOO_COMPLEX',
    message: 'An operation may not ask for one field so many times.',
  });
  const places = Array.from({ length: 20 }, (_, i) => `a${i}: a { ...F }`).join(' ');
  const spread = `{ ${places} } fragment F on T { ${'b '.repeat(40)} }`;
  expect(() => requireWithinLimits(parse(spread), generous)).not.toThrow();
});
