import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import type { Config } from '../config';
import { ApiError } from '../errors';

type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;
type Selection = SelectionSetNode['selections'][number];

/**
 * Refuses a document that is too deep, too wide or too costly once its fragments are expanded, before validation spends
 * time on it, which it does on fragments that no operation uses, too. Throws OPERATION_TOO_COMPLEX.
 */
export function requireWithinLimits(document: DocumentNode, config: Config): void {
  const fragments = new Map(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  const measure = new Measure(fragments);
  for (const definition of document.definitions) {
    if (!('selectionSet' in definition)) continue;
    const { selectionSet, kind } = definition;
    const { depth, fieldCount, topFieldCount } = measure.getSize(selectionSet);
    if (kind === Kind.OPERATION_DEFINITION) {
      requireAtMost(topFieldCount, config.MAX_ROOT_FIELDS, 'root fields');
      requireAtMost(depth, config.MAX_OPERATION_DEPTH, 'levels of fields');
    }
    requireAtMost(fieldCount, config.MAX_OPERATION_FIELDS, 'fields, fragments expanded');
    if (!isCheapToMerge(fragments, selectionSet)) {
      throw new ApiError('OPERATION_TOO_COMPLEX', 'An operation may not ask for one field so many times.');
    }
  }
}

function requireAtMost(count: number, limit: number, what: string): void {
  if (count > limit)
    throw new ApiError('OPERATION_TOO_COMPLEX', `An operation may have at most ${limit} ${what}.`);
}

interface Size {
  /** Levels of fields. */
  readonly depth: number;
  /** All fields, nested ones too. */
  readonly fieldCount: number;
  /** Fields of the first level. */
  readonly topFieldCount: number;
}

const NOTHING: Size = { depth: 0, fieldCount: 0, topFieldCount: 0 };

/** Each fragment is measured once, so nested fragments that expand to millions of fields cost nothing to refuse. */
class Measure {
  private readonly fragmentSizes = new Map<string, Size>();

  constructor(private readonly fragments: Fragments) {}

  getSize(set: SelectionSetNode): Size {
    let [depth, fieldCount, topFieldCount] = [0, 0, 0];
    for (const selection of set.selections) {
      const size = this.getSelectionSize(selection);
      depth = Math.max(depth, size.depth);
      fieldCount += size.fieldCount;
      topFieldCount += size.topFieldCount;
    }
    return { depth, fieldCount, topFieldCount };
  }

  private getSelectionSize(selection: Selection): Size {
    switch (selection.kind) {
      case Kind.FRAGMENT_SPREAD:
        return this.getFragmentSize(selection.name.value);
      case Kind.INLINE_FRAGMENT:
        return this.getSize(selection.selectionSet);
      case Kind.FIELD: {
        const below = selection.selectionSet ? this.getSize(selection.selectionSet) : NOTHING;
        // Introspection is deep by nature; graphql-js bounds its nesting itself (MaxIntrospectionDepthRule).
        const isIntrospection = selection.name.value === '__schema' || selection.name.value === '__type';
        return {
          depth: 1 + (isIntrospection ? 0 : below.depth),
          fieldCount: 1 + below.fieldCount,
          topFieldCount: 1,
        };
      }
    }
  }

  /** A fragment that contains itself counts once here; validation refuses it. */
  private getFragmentSize(name: string): Size {
    const known = this.fragmentSizes.get(name);
    if (known) return known;
    this.fragmentSizes.set(name, NOTHING);
    const fragment = this.fragments.get(name);
    const size = fragment ? this.getSize(fragment.selectionSet) : NOTHING;
    this.fragmentSizes.set(name, size);
    return size;
  }
}

/**
 * graphql-js compares all fields of one place in the answer with each other, to prove that they can be merged: 490
 * times `workspace { id }`, which is 7 KiB, would keep a core busy for 300 ms. About 0.6 µs for each comparison.
 */
const MAX_COMPARISONS = 50_000;
/** Fields and spreads to look at: fragments may expand to very many spreads without a field. */
const MAX_STEPS = 4_000;

function isCheapToMerge(fragments: Fragments, root: SelectionSetNode): boolean {
  const counts = new Map<string, number>();
  // Validation refuses a fragment that contains itself; until then, going round once is enough.
  const entered = new Set<SelectionSetNode>();
  let [comparisons, steps] = [0, 0];
  const visit = ({ selections }: SelectionSetNode, place: string): boolean =>
    selections.every((selection) => {
      steps += 1;
      if (steps > MAX_STEPS || comparisons > MAX_COMPARISONS) return false;
      if (selection.kind !== Kind.FIELD) {
        const fragment =
          selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
        if (!fragment || entered.has(fragment.selectionSet)) return true;
        entered.add(fragment.selectionSet);
        const isCheap = visit(fragment.selectionSet, place);
        entered.delete(fragment.selectionSet);
        return isCheap;
      }
      const fieldPlace = `${place}.${(selection.alias ?? selection.name).value}`;
      const count = counts.get(fieldPlace) ?? 0;
      counts.set(fieldPlace, count + 1);
      comparisons += 2 * count + 1;
      return !selection.selectionSet || visit(selection.selectionSet, fieldPlace);
    });
  return visit(root, '');
}
