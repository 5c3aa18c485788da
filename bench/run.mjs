/** `npm run bench -- <name> [flags]`, see docs/performance.md. */
import os from 'node:os';
import { readFlags } from './flags.mjs';
import { Workbench } from './harness/workbench.mjs';
import { benchGrowth } from './growth.mjs';
import { benchIngest } from './ingest.mjs';
import { benchOverload } from './overload.mjs';
import { benchRead } from './read.mjs';
import { describeMachine, printFindings, writeFindings } from './report.mjs';

const BENCHMARKS = { ingest: benchIngest, read: benchRead, overload: benchOverload, growth: benchGrowth };
/** Load per core above which others are at work too. */
const QUIET = 0.3;

/** npm passes Ctrl-C on to a process that the terminal has told already; the second signal must not end it half-way. */
const interrupted = new Promise((_resolve, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => reject(new Error('Interrupted.')));
});
interrupted.catch(() => undefined);

async function main() {
  const { name, flags } = readFlags(process.argv.slice(2));
  const machine = describeMachine();
  if (machine.loadBefore > QUIET * os.availableParallelism()) {
    console.error('This machine is busy: absolute figures will be wrong, and ratios rough.');
  }
  const bench = await Workbench.open(flags);
  try {
    const postgres = await bench.postgres.version();
    const findings = await Promise.race([BENCHMARKS[name](bench, flags), interrupted]);
    printFindings(findings);
    // Less than the whole, or slowed down, is for whoever looks for something, not for the record.
    if (flags.profile || flags.only.length > 0) return;
    const { seconds, warmUp, rounds, events } = flags;
    const run = { machine: { ...machine, postgres }, flags: { seconds, warmUp, rounds, events } };
    console.log(`\nWritten to ${writeFindings(name, run, findings)}`);
  } finally {
    await bench.close();
  }
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
