import { findTextFault } from './text';

export interface JsonLimits {
  /** Nesting of objects and arrays; the outermost one is level 1. */
  readonly maxDepth: number;
  /** Keys of all objects together. */
  readonly maxKeys: number;
}

export interface JsonFault {
  /** From the value inwards. A faulty key is never part of it: then the path ends at the object that has the key. */
  readonly path: (string | number)[];
  /** A predicate, e.g. "contains a NUL character". */
  readonly fault: string;
}

/**
 * The first thing in a JSON value that cannot be stored or is over a limit (security.md rules 19 and 20); null when all
 * is well. Recursion ends at `maxDepth`. Runs on every event, so a path is only built once a fault is found.
 */
export function findJsonFault(value: unknown, limits: JsonLimits): JsonFault | null {
  const fault = new JsonCheck(limits).find(value, 1);
  fault?.path.reverse();
  return fault;
}

class JsonCheck {
  private keyCount = 0;

  constructor(private readonly limits: JsonLimits) {}

  /** The path of the answer is inside out: each level appends its own step on the way back. */
  find(value: unknown, depth: number): JsonFault | null {
    switch (typeof value) {
      case 'string':
        return toFault(findTextFault(value));
      case 'number':
        return toFault(Number.isFinite(value) ? null : 'is not a finite number');
      case 'boolean':
        return null;
      case 'object':
        return value === null ? null : this.findNested(value, depth);
      default:
        return toFault('is not a JSON value');
    }
  }

  private findNested(value: object, depth: number): JsonFault | null {
    if (depth > this.limits.maxDepth)
      return toFault(`is nested more than ${this.limits.maxDepth} levels deep`);
    return Array.isArray(value) ? this.findInArray(value, depth) : this.findInObject(value, depth);
  }

  private findInArray(items: readonly unknown[], depth: number): JsonFault | null {
    for (let index = 0; index < items.length; index += 1) {
      const fault = this.find(items[index], depth + 1);
      if (fault) return withStep(fault, index);
    }
    return null;
  }

  private findInObject(value: object, depth: number): JsonFault | null {
    const keys = Object.keys(value);
    this.keyCount += keys.length;
    if (this.keyCount > this.limits.maxKeys) return toFault(`has more than ${this.limits.maxKeys} keys`);
    for (const key of keys) {
      const keyFault = findTextFault(key);
      if (keyFault) return toFault(`has a key that ${keyFault}`);
      const fault = this.find((value as Record<string, unknown>)[key], depth + 1);
      if (fault) return withStep(fault, key);
    }
    return null;
  }
}

function toFault(fault: string | null): JsonFault | null {
  return fault === null ? null : { path: [], fault };
}

function withStep(fault: JsonFault, step: string | number): JsonFault {
  fault.path.push(step);
  return fault;
}
