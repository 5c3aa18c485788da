import { encodeCursor } from './cursor';

/** A page of a Relay cursor connection. */
export interface Connection<Node> {
  readonly edges: { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** What was asked for, and which columns of a row make its cursor. */
export interface Page<Node> {
  readonly first: number;
  readonly after: string | null;
  readonly cursorOf: (node: Node) => readonly string[];
}

/** `rows` are read with `limit first + 1`: the one too many only says that there is a next page. */
export function toConnection<Node>(rows: readonly Node[], page: Page<Node>): Connection<Node> {
  const edges = rows.slice(0, page.first).map((node) => new Edge(node, page));
  return {
    edges,
    pageInfo: {
      hasNextPage: rows.length > page.first,
      hasPreviousPage: page.after !== null,
      get startCursor() {
        return edges.at(0)?.cursor ?? null;
      },
      get endCursor() {
        return edges.at(-1)?.cursor ?? null;
      },
    },
  };
}

/** Makes its cursor when it is asked for: few documents select more than one. */
class Edge<Node> {
  constructor(
    readonly node: Node,
    private readonly page: Page<Node>,
  ) {}

  get cursor(): string {
    return encodeCursor(this.page.cursorOf(this.node));
  }
}
