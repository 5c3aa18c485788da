import {
  isConflict,
  isConnectionFault,
  isDataFault,
  isUniqueViolation,
  RetryableConflict,
} from '../../../src/database/faults';

const withCode = (code: string, fields: object = {}) =>
  Object.assign(new Error('failed'), { code, ...fields });

test.each([
  ['serialization failure', withCode('40001')],
  ['deadlock', withCode('40P01')],
  ['lost race that a store noticed', new RetryableConflict()],
])('a %s is a conflict', (_name, error) => {
  expect(isConflict(error)).toBe(true);
  expect(isConnectionFault(error)).toBe(false);
});

test.each([
  ['08006', withCode('08006')],
  ['too many connections', withCode('53300')],
  ['a full disk', withCode('53100')],
  ['a shutdown', withCode('57P01')],
  ['a start-up', withCode('57P03')],
  ['a database that takes no connections', withCode('55000')],
  ['a server that a standby replaced', withCode('25006')],
  ['nobody listening', withCode('ECONNREFUSED', { syscall: 'connect' })],
  ['a socket file that is not there', withCode('ENOENT', { syscall: 'connect' })],
  ['a connection that was cut', withCode('ECONNRESET', { syscall: 'read' })],
  ['a name that is not known', withCode('ENOTFOUND', { syscall: 'getaddrinfo' })],
  [
    'several addresses, none of which answers',
    new AggregateError([withCode('ECONNREFUSED', { syscall: 'connect' })]),
  ],
  ['a cut noticed by the driver', new Error('Connection terminated unexpectedly')],
  ['an answer that does not come', new Error('Query read timeout')],
  ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
])('%s is a connection fault', (_name, error) => {
  expect(isConnectionFault(error)).toBe(true);
  expect(isConflict(error)).toBe(false);
  expect(isDataFault(error)).toBe(false);
});

test.each([
  ['a file of the program that is not there', withCode('ENOENT', { syscall: 'open' })],
  ['a value out of its domain', withCode('22003')],
  ['a statement that ran too long', withCode('57014')],
  ['a mistake in our SQL', withCode('42601')],
  ['an error of another part', new Error('Something else')],
  ['nothing', undefined],
  ['a text', 'ECONNREFUSED'],
])('%s is no connection fault', (_name, error) => {
  expect(isConnectionFault(error)).toBe(false);
});

test('values and constraints are data faults, syntax is not', () => {
  expect(isDataFault(withCode('22P05'))).toBe(true);
  expect(isDataFault(withCode('23514'))).toBe(true);
  expect(isDataFault(withCode('42601'))).toBe(false);
});

test('a unique violation is told by its constraint', () => {
  const error = withCode('23505', { constraint: 'member_email' });

  expect(isUniqueViolation(error)).toBe(true);
  expect(isUniqueViolation(error, 'member_email')).toBe(true);
  expect(isUniqueViolation(error, 'workspace_pkey')).toBe(false);
  expect(isUniqueViolation(withCode('23503', { constraint: 'member_email' }))).toBe(false);
});
