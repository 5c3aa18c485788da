import type { Event } from './event.types';

/** The events of a list as PostgreSQL aggregates them: per column the text of a JSON array, or null without events. */
export type EventColumns = { readonly count: number } & { readonly [Column in keyof Event]: string | null };

/** In the order of the arrays. An event reads its columns when it is asked for them. */
export function toEvents(columns: EventColumns): Event[] {
  const arrays = new ParsedColumns(columns);
  return Array.from({ length: columns.count }, (_, index) => new ColumnEvent(arrays, index));
}

/** Parses the columns that are asked for, once: of eleven, most documents select a few. */
class ParsedColumns {
  private readonly arrays: Partial<Record<keyof Event, readonly unknown[]>> = {};

  constructor(private readonly columns: EventColumns) {}

  get(name: keyof Event): readonly unknown[] {
    return (this.arrays[name] ??= JSON.parse(this.columns[name] ?? '[]') as readonly unknown[]);
  }
}

class ColumnEvent implements Event {
  constructor(
    private readonly columns: ParsedColumns,
    private readonly index: number,
  ) {}

  get id(): string {
    return this.read('id');
  }

  get messageId(): string {
    return this.read('messageId');
  }

  get name(): string {
    return this.read('name');
  }

  get userId(): string | null {
    return this.read('userId');
  }

  get anonymousId(): string | null {
    return this.read('anonymousId');
  }

  get externalId(): string | null {
    return this.read('externalId');
  }

  get sessionId(): string | null {
    return this.read('sessionId');
  }

  get timestamp(): Date {
    return new Date(this.read<string>('timestamp'));
  }

  get receivedAt(): Date {
    return new Date(this.read<string>('receivedAt'));
  }

  get properties(): Record<string, unknown> {
    return this.read('properties');
  }

  get context(): Record<string, unknown> | null {
    return this.read('context');
  }

  private read<Value>(column: keyof Event): Value {
    return this.columns.get(column)[this.index] as Value;
  }
}
