import { sendHttp } from './http';

/** Samples by their name and labels, as Prometheus reads them, e.g. `fluxgate_queue_events`. */
export type Samples = ReadonlyMap<string, number>;

export async function readSamples(metricsUrl: string | null): Promise<Samples> {
  const { text } = await sendHttp(metricsUrl ?? '');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line): [string, number] => {
      const end = line.lastIndexOf(' ');
      return [line.slice(0, end), Number(line.slice(end + 1))];
    }),
  );
}

/** By how much our counters grew while the work was done; those that did not are left out, and so are durations. */
export async function growthDuring(
  metricsUrl: string | null,
  work: () => Promise<unknown>,
): Promise<Record<string, number>> {
  const before = await readSamples(metricsUrl);
  await work();
  const after = await readSamples(metricsUrl);
  const grown = [...after]
    .filter(([name]) => /^fluxgate_\w+_total\b/.test(name))
    .map(([name, value]): [string, number] => [name, value - (before.get(name) ?? 0)]);
  return Object.fromEntries(grown.filter(([, growth]) => growth !== 0));
}
