/** How often each fault happens: a few times with all other tests, as often as the plan says in `npm run test:faults`. */
const SHORT = {
  apiKills: 2,
  apiStops: 2,
  postgresKills: 1,
  postgresStops: 1,
  processKills: 1,
  sameMessageRounds: 2,
  oppositeRounds: 5,
} as const;

const LONG: Record<keyof typeof SHORT, number> = {
  apiKills: 20,
  apiStops: 20,
  postgresKills: 5,
  postgresStops: 5,
  processKills: 5,
  sameMessageRounds: 20,
  oppositeRounds: 50,
};

export const isLong = process.env['FAULTS'] === 'long';

export const COUNTS: Readonly<Record<keyof typeof SHORT, number>> = isLong ? LONG : SHORT;
