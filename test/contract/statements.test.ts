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

/** Housekeeping that serves all workspaces in turn, by tag. */
const FOR_ALL_WORKSPACES = ['profiles.listErasures'];
/** A condition, the key of a join, or the first column of an insertion. */
const NAMES_WORKSPACE = /\bworkspace_id = |\(workspace_id\b/;

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
    .filter(({ text }) => !NAMES_WORKSPACE.test(text))
    .filter(({ text }) => !FOR_ALL_WORKSPACES.includes(tagOf(text)));

  expect(homeless.map(show)).toEqual([]);
  expect(onLargeTables.length).toBeGreaterThan(10);
});

test('no statement joins a large table with a small one', () => {
  const mixed = STATEMENTS.filter(
    ({ text }) => usesTable(text, LARGE_TABLES) && usesTable(text, SMALL_TABLES),
  );

  expect(mixed.map(show)).toEqual([]);
});
