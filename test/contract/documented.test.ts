import { KEY_SCOPES, ROLE_SCOPES, SCOPES } from '../../src/auth/scopes';
import { SETTINGS } from '../../src/config';
import { ERRORS } from '../../src/errors';
import { listTableRows, readProjectFile } from './source-tree';

const SETTING_DEFAULTS = Object.entries(SETTINGS).map(([name, setting]) => [
  name,
  'default' in setting ? String(setting.default) : '',
]);

/** Rows of the tables of a document whose first cell has the form of a code, a scope or a setting. */
function listEntries(file: string, form: RegExp): string[][] {
  return listTableRows(readProjectFile(file)).filter(([name = '']) => form.test(name));
}

test('docs/errors.md has every code, with its status, its meaning and advice', () => {
  const documented = listEntries('docs/errors.md', /^[A-Z_]+$/);
  const expected = Object.entries(ERRORS).map(([code, { status, meaning }]) => [
    code,
    String(status),
    meaning,
  ]);

  expect(documented.map((row) => row.slice(0, 3))).toEqual(expected);
  expect(documented.filter(([, , , advice]) => !advice)).toEqual([]);
});

test('docs/scopes.md has every scope, and who holds it', () => {
  const holders = [
    KEY_SCOPES.WRITE_ONLY,
    KEY_SCOPES.READ_WRITE,
    ROLE_SCOPES.VIEWER,
    ROLE_SCOPES.ADMIN,
    ROLE_SCOPES.OWNER,
  ];
  const documented = listEntries('docs/scopes.md', /^[a-z]+:[a-z]+$/);
  const expected = SCOPES.map((scope) => [
    scope,
    ...holders.map((scopes) => (scopes.has(scope) ? 'yes' : '')),
  ]);

  expect(documented.map(([scope, _allows, ...held]) => [scope, ...held])).toEqual(expected);
  expect(documented.filter(([, allows]) => !allows)).toEqual([]);
});

test('docs/configuration.md has every setting, with its default and meaning, and no other', () => {
  const documented = listEntries('docs/configuration.md', /^[A-Z_]+$/);
  const meanings = Object.values(SETTINGS).map(({ meaning }) => meaning);
  const expected = SETTING_DEFAULTS.map((row, index) => [...row, meanings[index]]);

  expect(documented.map(([name, initial, _allowed, meaning]) => [name, initial, meaning]).sort()).toEqual(
    expected.sort(),
  );
});

test('docs/configuration.md tells the bounds of every number, the words of every choice and the form of every text', () => {
  const allowed = new Map(listEntries('docs/configuration.md', /^[A-Z_]+$/).map((row) => [row[0], row[2]]));
  for (const [name, setting] of Object.entries(SETTINGS)) {
    const limits = [
      ...('min' in setting ? [setting.min] : []),
      ...('max' in setting ? [setting.max] : []),
      ...('choices' in setting ? setting.choices : []),
      ...('form' in setting ? [setting.form.words] : []),
    ];

    for (const limit of limits) {
      expect(` ${allowed.get(name)?.replace(/,? /g, ' ')} `).toContain(
        ` ${String(limit).replace(/,? /g, ' ')} `,
      );
    }
  }
});

test('.env.example has every setting with its default, commented out, and no other', () => {
  const lines = readProjectFile('.env.example').split('\n');
  const assignments = lines.filter((line) => line.includes('=') && !line.startsWith('# '));
  const expected = SETTING_DEFAULTS.map(([name, initial]) => `#${name}=${initial}`);

  expect(assignments.sort()).toEqual(expected.sort());
});
