import { Registry } from 'prom-client';
import { SETTINGS } from '../../src/config';
import { EventMeter } from '../../src/telemetry/event-meter';
import { createGauges } from '../../src/telemetry/readings';
import { RequestMeter } from '../../src/telemetry/request-meter';
import { listTableRows, readProjectFile } from './source-tree';

const DEPTH = { events: 0, bytes: 0 };
const GAUGES = createGauges({
  queue: { depth: DEPTH, capacity: DEPTH },
  pools: { api: { totalCount: 0, idleCount: 0, waitingCount: 0, options: { max: 1 } } },
  policies: { ageSeconds: 0 },
});
const INSTRUMENTS = [
  ...new RequestMeter({ isTimed: true }).instruments,
  ...new EventMeter().instruments,
  ...GAUGES,
];
const NAMES = INSTRUMENTS.map((instrument) => String(Reflect.get(instrument, 'name')));

/** What the registry tells Prometheus of each: its name, type and labels, and what it is. */
async function listRegistered(): Promise<string[][]> {
  const registry = new Registry();
  for (const instrument of INSTRUMENTS) registry.registerMetric(instrument);
  const described = await registry.getMetricsAsJSON();
  return described.map(({ name, help, type }, index) => {
    const labelNames = Reflect.get(INSTRUMENTS[index] ?? {}, 'labelNames') as string[];
    return [name, String(type), labelNames.join(', '), help];
  });
}

test('docs/telemetry.md has every instrument, with its type, labels and meaning, and no other', async () => {
  const rows = listTableRows(readProjectFile('docs/telemetry.md'));
  const documented = rows.filter(([name = '']) => name.startsWith('fluxgate_'));

  expect(documented.sort()).toEqual((await listRegistered()).sort());
});

test('names follow the conventions of Prometheus', async () => {
  const wrong = (await listRegistered()).filter(
    ([name = '', type]) =>
      !/^fluxgate_[a-z]+(_[a-z]+)*$/.test(name) || (type === 'counter') !== name.endsWith('_total'),
  );

  expect(wrong).toEqual([]);
});

test('every alert of docs/operations.md is about something that is measured', () => {
  const text = readProjectFile('docs/operations.md');
  const used = new Set([...text.matchAll(/\bfluxgate_[a-z_]+/g)].map(([name]) => name));
  const series = NAMES.flatMap((name) => [name, `${name}_bucket`, `${name}_count`, `${name}_sum`]);

  expect([...used].filter((name) => !series.includes(name))).toEqual([]);
  expect(used.size).toBeGreaterThan(5);
});

test('docs/operations.md names no setting that does not exist', () => {
  const text = readProjectFile('docs/operations.md') + readProjectFile('docs/telemetry.md');
  const named = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name = '']) => name);
  const foreign = named.filter((name) => !(name in SETTINGS) && !name.startsWith('OTEL_'));
  // Codes of refusals are written the same way.
  expect(foreign.filter((name) => !readProjectFile('docs/errors.md').includes(`\`${name}\``))).toEqual([]);
});
