import { toConnection } from '../../../src/lib/connection';
import { decodeCursor } from '../../../src/lib/cursor';

const page = (rows: string[], first: number, after: string | null = null) =>
  toConnection(rows, { first, after, cursorOf: (row) => [row] });

test('the row beyond the page is not shown and says that there is a next page', () => {
  const { edges, pageInfo } = page(['c', 'b', 'a'], 2);
  expect(edges.map(({ node }) => node)).toEqual(['c', 'b']);
  expect(pageInfo.hasNextPage).toBe(true);
});

test('a page that is just full is the last one', () => {
  expect(page(['c', 'b'], 2).pageInfo.hasNextPage).toBe(false);
});

test('each edge has the cursor of its row, and the page those of its first and last', () => {
  const { edges, pageInfo } = page(['c', 'b', 'a'], 2);
  expect(edges.map(({ cursor }) => decodeCursor(cursor, 1))).toEqual([['c'], ['b']]);
  expect(pageInfo).toMatchObject({ startCursor: edges[0]?.cursor, endCursor: edges[1]?.cursor });
});

test('an empty page has no cursors', () => {
  expect(page([], 2).pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: false,
    startCursor: null,
    endCursor: null,
  });
});

test('a page that began after a cursor has a previous page', () => {
  expect(page(['a'], 2, 'x').pageInfo.hasPreviousPage).toBe(true);
});
