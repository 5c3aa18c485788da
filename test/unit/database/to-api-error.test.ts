import { pino } from 'pino';
import { toApiError } from '../../../src/database/to-api-error';
import { ApiError, badInput, unavailable } from '../../../src/errors';
import { warnNowAndThen } from '../../../src/log';

/** Levels of what is logged, in order, with the message. */
function record(): { log: Parameters<typeof toApiError>[1]['log']; lines: string[] } {
  const lines: string[] = [];
  const write = (line: string): void => {
    const { level, msg } = JSON.parse(line) as { level: number; msg: string };
    lines.push(`${pino.levels.labels[level]}: ${msg}`);
  };
  return { log: pino({ level: 'debug', base: null }, { write }), lines };
}

const databaseError = (code: string) => Object.assign(new Error('from the database'), { code });

test.each([
  ['what nobody expected', new TypeError('x is not a function'), 'error: unexpected error'],
  [
    'a value that our input rules let through',
    new ApiError('BAD_USER_INPUT', 'No.', { cause: databaseError('22P05') }),
    'error: the database refused what the input rules let through',
  ],
  ['a database that is away', databaseError('57P01'), 'warn: the database is away'],
  ['a statement that took too long', databaseError('57014'), 'warn: statement timeout'],
  ['what cannot be done now', unavailable('Later.', databaseError('08006')), 'warn: could not be done now'],
  [
    'a refusal with a reason',
    new ApiError('UNAUTHENTICATED', 'No.', { cause: 'expired key' }),
    'debug: refused',
  ],
])('%s is logged at the level of who has to act', (_what, thrown, line) => {
  const { log, lines } = record();
  toApiError(thrown, { requestId: 'r-1', log });

  expect(lines).toEqual([line]);
});

test('a refusal that says all by itself is not logged', () => {
  const { log, lines } = record();
  toApiError(badInput('The name is missing.', ['name']), { requestId: 'r-1', log });

  expect(lines).toEqual([]);
});

test('what befalls every request is one warning, however many there are, and another message is another', () => {
  const { log, lines } = record();
  for (let i = 0; i < 3; i += 1) toApiError(databaseError('57P01'), { requestId: `r-${i}`, log });
  warnNowAndThen(log, {}, 'something else');

  expect(lines).toEqual([
    'warn: the database is away',
    'debug: the database is away',
    'debug: the database is away',
    'warn: something else',
  ]);
});

test('an outage is told again after ten seconds', () => {
  jest.useFakeTimers({ doNotFake: ['nextTick'] });
  const { log, lines } = record();
  warnNowAndThen(log, {}, 'away');
  jest.advanceTimersByTime(9_999);
  warnNowAndThen(log, {}, 'away');
  jest.advanceTimersByTime(1);
  warnNowAndThen(log, {}, 'away');
  jest.useRealTimers();

  expect(lines).toEqual(['warn: away', 'debug: away', 'warn: away']);
});
