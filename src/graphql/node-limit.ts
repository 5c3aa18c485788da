import {
  getNamedType,
  isObjectType,
  Kind,
  valueFromASTUntyped,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { ApiError } from '../errors';

type Variables = Readonly<Record<string, unknown>>;

/** A field with a `first`, and those of its kind inside it. */
interface PagedField {
  readonly readFirst: (variables: Variables) => number;
  readonly inner: readonly PagedField[];
}

/**
 * Refuses an operation whose pages, multiplied where one stands inside another, may hold more nodes than `maxNodes`:
 * limits on the document alone say nothing about what it returns. The pages are read once per operation; their sizes
 * may be variables. Answers OPERATION_TOO_COMPLEX, or null.
 */
export function createNodeLimit(
  schema: GraphQLSchema,
  maxNodes: number,
): (document: DocumentNode, operation: OperationDefinitionNode, variables: Variables) => ApiError | null {
  const pages = new WeakMap<OperationDefinitionNode, readonly PagedField[]>();
  return (document, operation, variables) => {
    let fields = pages.get(operation);
    if (!fields) pages.set(operation, (fields = new PageReader(schema, document, operation).read()));
    if (countNodes(fields, variables) <= maxNodes) return null;
    return new ApiError(
      'OPERATION_TOO_COMPLEX',
      `An operation may ask for at most ${maxNodes} nodes in its pages.`,
    );
  };
}

function countNodes(fields: readonly PagedField[], variables: Variables): number {
  return fields.reduce(
    (sum, { readFirst, inner }) => sum + readFirst(variables) * (1 + countNodes(inner, variables)),
    0,
  );
}

class PageReader {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
  ) {
    this.fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
      ),
    );
  }

  read(): PagedField[] {
    const root = this.schema.getRootType(this.operation.operation);
    return root ? this.readSet(this.operation.selectionSet, root) : [];
  }

  private readSet({ selections }: SelectionSetNode, type: GraphQLObjectType): PagedField[] {
    return selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return this.readField(selection, type);
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD ? this.fragments.get(selection.name.value) : selection;
      const condition = fragment?.typeCondition && this.schema.getType(fragment.typeCondition.name.value);
      return fragment ? this.readSet(fragment.selectionSet, isObjectType(condition) ? condition : type) : [];
    });
  }

  private readField(node: FieldNode, type: GraphQLObjectType): PagedField[] {
    const field = type.getFields()[node.name.value];
    const returned = getNamedType(field?.type);
    const inner =
      node.selectionSet && isObjectType(returned) ? this.readSet(node.selectionSet, returned) : [];
    const argument = field?.args.find(({ name }) => name === 'first');
    return argument ? [{ readFirst: this.readFirst(node, argument.defaultValue), inner }] : inner;
  }

  /** What is no number is refused by coercion or by the input rules, so it may count as nothing here. */
  private readFirst(node: FieldNode, fallback: unknown): PagedField['readFirst'] {
    const value = node.arguments?.find(({ name }) => name.value === 'first')?.value;
    if (value?.kind !== Kind.VARIABLE) {
      const first = toCount(value ? valueFromASTUntyped(value) : undefined, fallback);
      return () => first;
    }
    const name = value.name.value;
    const definition = this.operation.variableDefinitions?.find(
      ({ variable }) => variable.name.value === name,
    );
    const ownDefault = definition?.defaultValue && valueFromASTUntyped(definition.defaultValue);
    // A null that was sent is no reason to take the variable's default, and Object has properties of its own.
    return (variables) => toCount(Object.hasOwn(variables, name) ? variables[name] : ownDefault, fallback);
  }
}

function toCount(first: unknown, fallback: unknown): number {
  const count = first ?? fallback;
  return typeof count === 'number' && count > 0 ? count : 0;
}
