import { Client } from 'pg';

export interface Statements {
  /** Tags of all statements sent since, e.g. `events.insertEvents`; those of the driver itself have none. */
  readonly tags: readonly (string | undefined)[];
  stop(): void;
}

/** Notes every statement that this process sends from now on, over whichever connection. */
export function recordStatements(): Statements {
  const tags: (string | undefined)[] = [];
  const send: (...args: never[]) => unknown = Client.prototype.query;
  const spy = jest.spyOn(Client.prototype, 'query').mockImplementation(function (
    this: Client,
    ...args: unknown[]
  ) {
    const [query] = args as [string | { text: string }];
    tags.push(/\/\* ([\w.]+) \*\//.exec(typeof query === 'string' ? query : query.text)?.[1]);
    return send.apply(this, args as never[]);
  });
  return { tags, stop: () => spy.mockRestore() };
}
