import { parseArgs } from 'node:util';

/**
 * @typedef {object} Flags
 * @property {number} seconds   Measured seconds of a round.
 * @property {number} warmUp    Seconds before them.
 * @property {number} rounds
 * @property {number} events    How many are stored before it begins.
 * @property {string[]} only    Ids of contestants; empty: all.
 * @property {string} profile   Folder for CPU profiles of Fluxgate; empty: none.
 * @property {string} dataDir   Folder that holds the database while it runs; empty: that for temporary files.
 */

const COMMON = { seconds: '5', 'warm-up': '1', rounds: '5', profile: '', 'data-dir': '' };

/** The flags that each benchmark takes. With these values it takes about five minutes. */
const FLAGS = {
  ingest: { ...COMMON, only: '' },
  read: { ...COMMON, only: '', events: '1000000' },
  overload: COMMON,
  growth: { ...COMMON, events: '2000000' },
};

/** @typedef {keyof typeof FLAGS} BenchmarkName */

/**
 * The name of the benchmark and its flags. Throws an Error that says what is wrong.
 * @param {string[]} args
 * @returns {{ name: BenchmarkName, flags: Flags }}
 */
export function readFlags(args) {
  const [name = '', ...rest] = args;
  if (!Object.hasOwn(FLAGS, name)) throw new Error(`Say which one: ${Object.keys(FLAGS).join(', ')}.`);
  const known = /** @type {BenchmarkName} */ (name);
  const options = Object.fromEntries(
    Object.entries(FLAGS[known]).map(([flag, value]) => [
      flag,
      { type: /** @type {const} */ ('string'), default: value },
    ]),
  );
  const { values } = parseArgs({ args: rest, options });
  return {
    name: known,
    flags: {
      seconds: readNumber('seconds', values),
      warmUp: readNumber('warm-up', values),
      rounds: readNumber('rounds', values),
      events: 'events' in values ? readNumber('events', values) : 0,
      only: String(values.only ?? '')
        .split(',')
        .filter(Boolean),
      profile: String(values.profile),
      dataDir: String(values['data-dir']),
    },
  };
}

/** @param {string} flag @param {Record<string, unknown>} values */
function readNumber(flag, values) {
  const value = Number(values[flag]);
  if (!(value > 0)) throw new Error(`--${flag} must be a number above 0.`);
  return value;
}
