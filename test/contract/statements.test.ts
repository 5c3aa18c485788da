import { listSourceFiles, listTexts } from './source-tree';
import { LARGE_TABLES, SMALL_TABLES } from './tables';

const TAG = /^\s*\/\* ([a-z]+\.[a-z][A-Za-z0-9]*) \*\//;
const VERBS = [
  'do \\$',
  'set local',
  'select',
  'insert into',
  'update \\S+ set',
  'delete from',
  'merge into',
  'with (?:recursive )?\\w+[\\w\\s,()]* as',
  '(?:lock|create|alter|drop|truncate) table',
];
const STATEMENT = new RegExp(`^(?:\\s|/\\*.*?\\*/)*(?:${VERBS.join('|')})\\b`, 'i');

/** Statements that are right without a workspace, by tag, and why. */
const WITHOUT_WORKSPACE: Readonly<Record<string, string>> = {
  'profiles.listErasures': 'Housekeeping that serves all workspaces in turn.',
};

/** A condition that ties the rows to a parameter. */
const CONDITION = /\bworkspace_id = (?:\$\d|any\(\$\d)/;
/** An insertion whose first column is a parameter. */
const INSERTION = /\binsert into \w+ \(workspace_id\b[^)]*\)\s+(?:values \(|select )\$\d/;
/** Parameters that are unnested to rows, each with its workspace; the group is their name. */
const ROWS = /\bunnest\(\s*\$[^)]*\)+(?: with ordinality)?\s+as (\w+) \([^)]*\bworkspace_id\b[^)]*\)/;

interface Statement {
  readonly file: string;
  readonly text: string;
}

/** The folder database is left out: its statements are about servers and schemas, not about data. */
const STATEMENTS: Statement[] = listSourceFiles('src')
  .filter((file) => !file.startsWith('src/database/'))
  .flatMap((file) => listTexts(file).map((text) => ({ file, text })))
  .filter(({ text }) => STATEMENT.test(text));

function usesTable(text: string, tables: readonly string[]): boolean {
  return new RegExp(
    `\\b(?:from|join|into|update|using)\\s+(?:only\\s+)?(?:${tables.join('|')})\\b`,
    'i',
  ).test(text);
}

/** Comparing columns with each other ties nothing to a parameter: it counts only beside rows that are parameters. */
function bindsWorkspace(text: string): boolean {
  if (CONDITION.test(text) || INSERTION.test(text)) return true;
  const rows = ROWS.exec(text)?.[1];
  if (!rows) return false;
  // A CTE that hands the rows on is joined by its own name.
  const source =
    new RegExp(`(\\w+) as (?:materialized )?\\(\\s*select \\* from unnest\\(`).exec(text)?.[1] ?? rows;
  return new RegExp(
    `\\bworkspace_id = ${source}\\.workspace_id\\b|\\b${source} join \\w+ using \\(workspace_id\\b`,
  ).test(text);
}

function tagOf(text: string): string {
  return TAG.exec(text)?.[1] ?? '';
}

function show({ file, text }: Statement): string {
  return `${file}: ${text.trim().slice(0, 60)}`;
}

test('SQL is written in stores and nowhere else', () => {
  expect(STATEMENTS.filter(({ file }) => !file.endsWith('.store.ts')).map(show)).toEqual([]);
  expect(STATEMENTS.length).toBeGreaterThan(20);
});

test('each statement begins with a tag of its folder, by which it is found in the logs of the database', () => {
  const isTagged = ({ file, text }: Statement) => tagOf(text).split('.')[0] === file.split('/')[1];

  expect(STATEMENTS.filter((statement) => !isTagged(statement)).map(show)).toEqual([]);
});

test('no two statements have the same tag', () => {
  const tags = STATEMENTS.map(({ text }) => tagOf(text));

  expect(tags.filter((tag, index) => tags.indexOf(tag) !== index)).toEqual([]);
});

test('a statement on rows of large tables says which workspace', () => {
  const onLargeTables = STATEMENTS.filter(({ text }) => usesTable(text, LARGE_TABLES));
  const homeless = onLargeTables
    .filter(({ text }) => !bindsWorkspace(text))
    .filter(({ text }) => !WITHOUT_WORKSPACE[tagOf(text)]);

  expect(homeless.map(show)).toEqual([]);
  expect(onLargeTables.length).toBeGreaterThan(10);
});

test.each([
  ['no workspace at all', 'delete from event where profile_id = $1'],
  ['a list of columns', 'select (workspace_id, id) from profile where id = $1'],
  ['a join of tables', 'select from identity join profile on profile.workspace_id = identity.workspace_id'],
  [
    'an insertion of what another table has',
    'insert into identity (workspace_id, kind) select workspace_id, $1 from profile',
  ],
  ['rows without a workspace', 'select from unnest($1::uuid[]) as key (id) join profile using (id)'],
  [
    'rows whose workspace is not looked at',
    'select from unnest($1::uuid[], $2::uuid[]) as key (workspace_id, id) join profile using (id)',
  ],
])('%s does not say which workspace', (_name, text) => {
  expect(bindsWorkspace(text)).toBe(false);
});

test.each([
  'delete from event where workspace_id = $1',
  'select from profile where profile.workspace_id = any($1::uuid[])',
  'insert into identity (workspace_id, kind) values ($1, $2)',
  'select from unnest($1::uuid[], $2::uuid[]) as key (workspace_id, id) join profile on profile.workspace_id = key.workspace_id',
])('this says it: %s', (text) => {
  expect(bindsWorkspace(text)).toBe(true);
});

test('no statement joins a large table with a small one', () => {
  const mixed = STATEMENTS.filter(
    ({ text }) => usesTable(text, LARGE_TABLES) && usesTable(text, SMALL_TABLES),
  );

  expect(mixed.map(show)).toEqual([]);
});
