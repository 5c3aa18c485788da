import type { JsonObject } from './input.rules';

/** What is known of one key. A null is a removed key: its time is kept, so that an older value can't bring it back. */
export interface Property {
  readonly value: unknown;
  /** Epoch milliseconds. */
  readonly setAt: number;
}

/** A Map, because `__proto__` is a key like any other (security.md rule 20). */
export type Properties = ReadonlyMap<string, Property>;

/** As stored: the values, and when each key was set or removed. */
export interface StoredProperties {
  readonly properties: JsonObject;
  readonly propertiesSetAt: Readonly<Record<string, number>>;
}

export interface PropertyLimits {
  /** Removed keys count too. */
  readonly maxKeys: number;
  /** Of all keys and values as JSON. */
  readonly maxBytes: number;
}

export function parseProperties({ properties, propertiesSetAt }: StoredProperties): Properties {
  const values = new Map(Object.entries(properties));
  const times = Object.entries(propertiesSetAt);
  return new Map(times.map(([key, setAt]) => [key, { value: values.get(key) ?? null, setAt }]));
}

export function formatProperties(properties: Properties): StoredProperties {
  const entries = [...properties];
  return {
    properties: Object.fromEntries(
      entries.flatMap(([key, { value }]) => (value === null ? [] : [[key, value]])),
    ),
    propertiesSetAt: Object.fromEntries(entries.map(([key, { setAt }]) => [key, setAt])),
  };
}

/**
 * Key by key, the newest wins; at the same time `over` does. With distinct times the order and the grouping of merges
 * make no difference.
 */
export function mergeProperties(under: Properties, over: Properties): Properties {
  const merged = new Map(under);
  for (const [key, property] of over) {
    const other = merged.get(key);
    if (!other || property.setAt >= other.setAt) merged.set(key, property);
  }
  return merged;
}

/**
 * Values given now; a null removes the key. What arrives later wins even when the clock of this process is behind that
 * of the one which wrote before, so a key's time never goes back.
 */
export function setProperties(current: Properties, given: JsonObject, now: number): Properties {
  const set = new Map(current);
  for (const [key, value] of Object.entries(given)) {
    set.set(key, { value, setAt: Math.max(now, current.get(key)?.setAt ?? 0) });
  }
  return set;
}

/**
 * Drops the keys set longest ago beyond the limits. Without a word: a write-only key may learn nothing of what a
 * profile already holds (security.md rule 5).
 */
export function boundProperties(properties: Properties, { maxKeys, maxBytes }: PropertyLimits): Properties {
  const newestFirst = [...properties].sort(
    ([key, a], [otherKey, b]) => b.setAt - a.setAt || (key < otherKey ? -1 : 1),
  );
  let bytes = 0;
  const firstTooMany = newestFirst.findIndex(([key, { value }], index) => {
    bytes += Buffer.byteLength(JSON.stringify([key, value]));
    return index >= maxKeys || bytes > maxBytes;
  });
  return firstTooMany === -1 ? properties : new Map(newestFirst.slice(0, firstTooMany));
}
