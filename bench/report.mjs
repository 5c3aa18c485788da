import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { formatNumber } from './targets.mjs';

const RESULTS = new URL('./results/', import.meta.url);

/**
 * What a benchmark found.
 * @typedef {object} Findings
 * @property {string[]} notes     Conditions of this run, for the reader.
 * @property {{ title: string, rows: Record<string, string | number | null>[] }[]} tables
 * @property {import('./targets.mjs').Judged[]} targets
 * @property {unknown} rounds     All that was measured, round by round.
 */

/** What of the machine matters for the figures, and nothing that would tell whose it is. */
export function describeMachine() {
  return {
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
    loadBefore: os.loadavg()[0],
  };
}

/** @param {Findings} findings */
export function printFindings({ notes, tables, targets }) {
  for (const { title, rows } of tables.filter(({ rows }) => rows.length > 0))
    console.log(`\n${title}\n\n${formatTable(rows)}`);
  console.log(`\n${formatTable(targets.filter(isKnown).map((target) => ({ ...target })))}\n`);
  for (const note of notes) console.log(`- ${note}`);
}

/** Those of contestants that did not run, and of what this system does not tell, are not. @param {import('./targets.mjs').Judged} target */
function isKnown({ verdict }) {
  return verdict !== '';
}

/**
 * Writes `results/<date>-<name>.json` and answers its path.
 * @param {string} name @param {object} run Machine and flags. @param {Findings} findings
 */
export function writeFindings(name, run, findings) {
  mkdirSync(RESULTS, { recursive: true });
  const date = new Date().toISOString();
  const file = fileURLToPath(new URL(`${date.slice(0, 10)}-${name}.json`, RESULTS));
  writeFileSync(file, `${JSON.stringify({ benchmark: name, date, ...run, ...findings }, roundNumbers, 2)}\n`);
  return file;
}

/** @param {string} _key @param {unknown} value */
function roundNumbers(_key, value) {
  return typeof value === 'number' ? Number(value.toPrecision(5)) : value;
}

/** Rows as a table of Markdown, with aligned columns. @param {Record<string, string | number | null>[]} rows */
function formatTable(rows) {
  const names = Object.keys(rows[0] ?? {});
  const cells = rows.map((row) =>
    names.map((name) => (typeof row[name] === 'string' ? row[name] : formatNumber(row[name]))),
  );
  const isNumeric = names.map((name) => rows.every((row) => typeof row[name] !== 'string'));
  const widths = names.map((name, index) =>
    Math.max(name.length, 3, ...cells.map((row) => row[index].length)),
  );
  const pad = (/** @type {string} */ text, /** @type {number} */ index) =>
    isNumeric[index] ? text.padStart(widths[index]) : text.padEnd(widths[index]);
  const rule = widths.map((width, index) =>
    isNumeric[index] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width),
  );
  return [names.map(pad), rule, ...cells.map((row) => row.map(pad))]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n');
}
