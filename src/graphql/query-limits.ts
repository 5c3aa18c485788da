import {
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Config } from '../config';
import { ApiError } from '../errors';

interface Size {
  readonly depth: number;
  readonly fieldCount: number;
}

/**
 * Refuses an operation that is too deep, too wide or too costly once its fragments are expanded. Runs before
 * validation, whose own cost grows with the square of the fields. Throws OPERATION_TOO_COMPLEX.
 */
export function requireWithinLimits(document: DocumentNode, config: Config): void {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const measure = new Measure(fragments);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const rootFieldCount = measure.countRootFields(definition.selectionSet);
    const { depth, fieldCount } = measure.getSize(definition.selectionSet);
    requireAtMost(rootFieldCount, config.MAX_ROOT_FIELDS, 'root fields');
    requireAtMost(depth, config.MAX_OPERATION_DEPTH, 'levels of fields');
    requireAtMost(fieldCount, config.MAX_OPERATION_FIELDS, 'fields, fragments expanded');
  }
}

function requireAtMost(count: number, limit: number, what: string): void {
  if (count <= limit) return;
  const error = new ApiError('OPERATION_TOO_COMPLEX', `An operation may have at most ${limit} ${what}.`);
  throw new GraphQLError(error.message, { originalError: error });
}

/** Each fragment is measured once, so nested fragments that expand to millions of fields cost nothing to refuse. */
class Measure {
  private readonly fragmentSizes = new Map<string, Size>();

  constructor(private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>) {}

  getSize(set: SelectionSetNode): Size {
    let depth = 0;
    let fieldCount = 0;
    for (const selection of set.selections) {
      const size = this.getSelectionSize(selection);
      depth = Math.max(depth, size.depth);
      fieldCount += size.fieldCount;
    }
    return { depth, fieldCount };
  }

  private getSelectionSize(selection: SelectionSetNode['selections'][number]): Size {
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return this.getFragmentSize(selection.name.value);
      case Kind.INLINE_FRAGMENT:
        return this.getSize(selection.selectionSet);
      case Kind.FIELD: {
        const below = selection.selectionSet
          ? this.getSize(selection.selectionSet)
          : { depth: 0, fieldCount: 0 };
        // Introspection is deep by nature; graphql-js bounds its nesting itself (MaxIntrospectionDepthRule).
        const isIntrospection = selection.name.value === '__schema' || selection.name.value === '__type';
        return { depth: 1 + (isIntrospection ? 0 : below.depth), fieldCount: 1 + below.fieldCount };
      }
    }
  }

  /** A fragment that contains itself counts once here; validation refuses it. */
  private getFragmentSize(name: string): Size {
    const known = this.fragmentSizes.get(name);
    if (known) return known;
    this.fragmentSizes.set(name, { depth: 0, fieldCount: 0 });
    const fragment = this.fragments.get(name);
    const size = fragment ? this.getSize(fragment.selectionSet) : { depth: 0, fieldCount: 0 };
    this.fragmentSizes.set(name, size);
    return size;
  }

  countRootFields(set: SelectionSetNode, seen: ReadonlySet<string> = new Set()): number {
    return set.selections.reduce((count, selection) => {
      if (selection.kind === Kind.FIELD) return count + 1;
      if (selection.kind === Kind.INLINE_FRAGMENT)
        return count + this.countRootFields(selection.selectionSet, seen);
      const { value: name } = selection.name;
      const fragment = seen.has(name) ? undefined : this.fragments.get(name);
      return count + (fragment ? this.countRootFields(fragment.selectionSet, new Set([...seen, name])) : 0);
    }, 0);
  }
}
