import { listImports, listSourceFiles } from './source-tree';

/** Lowest first. A folder imports from lower rungs only; folders and files of one rung don't import each other. */
const LADDER = [
  ['lib'],
  ['clock', 'errors', 'log', 'config'],
  ['telemetry'],
  ['database'],
  ['auth'],
  ['settings', 'members', 'profiles'],
  ['events'],
  ['workflows', 'metrics'],
  ['graphql', 'http'],
  ['first-run'],
  ['start-message'],
  ['app'],
  ['server'],
];
const SUFFIXES = 'resolver|routes|types|service|rules|store|entity|loader|worker|directive|endpoint';
const FILE_NAME = new RegExp(`^[a-z0-9]+(-[a-z0-9]+)*(\\.(${SUFFIXES}))?\\.ts$`);
const VAGUE_NAME = /(^|[/.-])(utils?|helpers?|manager|common|misc|shared|index)([/.-]|$)/;

const FILES = listSourceFiles('src');

/** `src/lib/uuid.ts` → `lib`, `src/app.ts` → `app`. */
function placeOf(file: string): string {
  return file.split('/')[1]?.replace(/\.ts$/, '') ?? '';
}

function rungOf(file: string): number {
  return LADDER.findIndex((places) => places.includes(placeOf(file)));
}

/** The first circle of imports, from a file back to itself; null when there is none. */
function findCycle(files: readonly string[]): string[] | null {
  const finished = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string[] | null => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file];
    if (finished.has(file)) return null;
    for (const imported of listImports(file)) {
      const cycle = visit(imported, [...trail, file]);
      if (cycle) return cycle;
    }
    finished.add(file);
    return null;
  };
  for (const file of files) {
    const cycle = visit(file, []);
    if (cycle) return cycle;
  }
  return null;
}

test('every file of src stands on a rung of the ladder', () => {
  expect(FILES.filter((file) => rungOf(file) === -1)).toEqual([]);
  expect(FILES.length).toBeGreaterThan(20);
});

test('imports lead down the ladder', () => {
  const wrong = FILES.flatMap((file) =>
    listImports(file)
      .filter((imported) => imported.startsWith('src/') && placeOf(imported) !== placeOf(file))
      .filter((imported) => rungOf(imported) >= rungOf(file))
      .map((imported) => `${file} → ${imported}`),
  );

  expect(wrong).toEqual([]);
});

test('no import leads round in a circle, not even for a type', () => {
  expect(findCycle(FILES)).toBeNull();
});

test('src imports nothing from the tests, and migrations import nothing from src', () => {
  const outside = FILES.flatMap((file) =>
    listImports(file).filter((imported) => !/^(src|migrations)\//.test(imported)),
  );
  const backwards = listSourceFiles('migrations').flatMap(listImports);

  expect([...outside, ...backwards]).toEqual([]);
});

test('file names are lower case with hyphens and end in a known role', () => {
  expect(FILES.filter((file) => !FILE_NAME.test(file.split('/').at(-1) ?? ''))).toEqual([]);
});

test('no name says nothing: no barrels, utils, helpers, managers', () => {
  expect(FILES.filter((file) => VAGUE_NAME.test(file))).toEqual([]);
});
