/** Whose items they are. The lanes of one owner share the owner's turns. */
export interface Source {
  readonly owner: string;
  readonly lane: string;
}

/** How much waits. */
export interface Load {
  readonly count: number;
  readonly bytes: number;
}

interface Entry<Item> {
  readonly item: Item;
  readonly bytes: number;
  next: Entry<Item> | null;
}

const NOTHING: Load = { count: 0, bytes: 0 };

/**
 * First in, first out within a lane; owners take turns, item by item, and so do the lanes of an owner. However much one
 * of them has put in, the next item of another is among the first to come out.
 */
export class FairQueue<Item> {
  private readonly owners = new Map<string, Owner<Item>>();
  count = 0;

  push({ owner: name, lane }: Source, item: Item, bytes: number): void {
    let owner = this.owners.get(name);
    if (!owner) this.owners.set(name, (owner = new Owner()));
    owner.push(lane, { item, bytes, next: null });
    this.count += 1;
  }

  /** Up to `max` items, in turn. */
  take(max: number): Item[] {
    const items: Item[] = [];
    while (items.length < max && this.count > 0) {
      const [name, owner] = takeTurn(this.owners);
      items.push(owner.shift().item);
      if (owner.count === 0) this.owners.delete(name);
      this.count -= 1;
    }
    return items;
  }

  getLoad({ owner: name, lane }: Source): { readonly owner: Load; readonly lane: Load } {
    const owner = this.owners.get(name);
    return { owner: owner ?? NOTHING, lane: owner?.lanes.get(lane) ?? NOTHING };
  }
}

class Owner<Item> implements Load {
  readonly lanes = new Map<string, Lane<Item>>();
  count = 0;
  bytes = 0;

  push(name: string, entry: Entry<Item>): void {
    let lane = this.lanes.get(name);
    if (!lane) this.lanes.set(name, (lane = new Lane()));
    lane.push(entry);
    this.count += 1;
    this.bytes += entry.bytes;
  }

  shift(): Entry<Item> {
    const [name, lane] = takeTurn(this.lanes);
    const entry = lane.shift();
    if (lane.count === 0) this.lanes.delete(name);
    this.count -= 1;
    this.bytes -= entry.bytes;
    return entry;
  }
}

class Lane<Item> implements Load {
  private first: Entry<Item> | null = null;
  private last: Entry<Item> | null = null;
  count = 0;
  bytes = 0;

  push(entry: Entry<Item>): void {
    if (this.last) this.last.next = entry;
    else this.first = entry;
    this.last = entry;
    this.count += 1;
    this.bytes += entry.bytes;
  }

  shift(): Entry<Item> {
    const entry = this.first!;
    this.first = entry.next;
    if (!this.first) this.last = null;
    this.count -= 1;
    this.bytes -= entry.bytes;
    return entry;
  }
}

/** The first of a map that is not empty, which goes to its end. */
function takeTurn<Value>(map: Map<string, Value>): [string, Value] {
  const [first] = map as Iterable<[string, Value]>;
  const [name, value] = first!;
  if (map.size > 1) {
    map.delete(name);
    map.set(name, value);
  }
  return first!;
}
