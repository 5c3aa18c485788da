import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { lexicographicSortSchema } from 'graphql';
import { buildSchema } from './build-schema';

const SCHEMA_FILE = 'schema/schema.graphql';

/** The public contract as text, with its directives; sorted, so that a diff shows only what changed. */
export function printPublicSchema(): string {
  return `${printSchemaWithDirectives(lexicographicSortSchema(buildSchema()))}\n`;
}

/** `npm run schema:print` writes schema/schema.graphql, `schema:check` fails when it is not what the code says. */
function main(): void {
  const printed = printPublicSchema();
  if (!process.argv.includes('--check')) return writeFileSync(SCHEMA_FILE, printed);
  if (readFileSync(SCHEMA_FILE, 'utf8') === printed) return;
  console.error(`${SCHEMA_FILE} is not what the code says. Run: npm run schema:print`);
  process.exitCode = 1;
}

if (require.main === module) main();
