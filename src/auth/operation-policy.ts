import {
  getNamedType,
  isCompositeType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { AccessTable, FieldRule } from './field-access';
import type { ScopeSet } from './scopes';

/** A field of an operation that has a rule of its own, or is introspection. */
export interface RuledField {
  readonly path: readonly string[];
  readonly rule: FieldRule | { readonly kind: 'INTROSPECTION' };
}

/** A root field whose argument names an event, with the place of the name. */
export interface EventNameField {
  readonly path: readonly string[];
  readonly node: FieldNode;
  readonly argumentPath: readonly string[];
}

/** What an operation needs, whoever asks. Read once per operation and kept as long as its document. */
export interface Requirements {
  /** Its root field, or `several`: a name out of the schema, whatever the client calls its operation. */
  readonly name: string;
  readonly fields: readonly RuledField[];
  readonly eventNames: readonly EventNameField[];
}

/**
 * Judges an operation as a whole, on its expanded selection: fragments and aliases are followed, fields under
 * `@skip` and `@include` count as present. A repeated operation costs two map look-ups.
 */
export class OperationPolicy {
  private readonly requirements = new WeakMap<OperationDefinitionNode, Requirements>();
  private readonly refusals = new WeakMap<
    OperationDefinitionNode,
    WeakMap<ScopeSet, readonly RuledField[]>
  >();

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly table: AccessTable,
  ) {}

  getRequirements(document: DocumentNode, operation: OperationDefinitionNode): Requirements {
    const known = this.requirements.get(operation);
    if (known) return known;
    const requirements = this.collect(document, operation);
    this.requirements.set(operation, requirements);
    return requirements;
  }

  /**
   * Fields that a caller with these scopes may not ask for; empty: everything is permitted. Scope sets are compared by
   * identity: there are only as many as kinds of credentials. Introspection is judged by the caller of this.
   */
  listRefusedFields(
    document: DocumentNode,
    operation: OperationDefinitionNode,
    scopes: ScopeSet,
  ): readonly RuledField[] {
    let byScopes = this.refusals.get(operation);
    if (!byScopes) this.refusals.set(operation, (byScopes = new WeakMap<ScopeSet, readonly RuledField[]>()));
    let refused = byScopes.get(scopes);
    if (!refused) {
      refused = this.getRequirements(document, operation).fields.filter(
        ({ rule }) => !isPermitted(rule, scopes),
      );
      byScopes.set(scopes, refused);
    }
    return refused;
  }

  private collect(document: DocumentNode, operation: OperationDefinitionNode): Requirements {
    const fields: RuledField[] = [];
    const eventNames: EventNameField[] = [];
    const rootFields = new Set<string>();
    const fragments = new Map(
      document.definitions.flatMap((node) =>
        node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
      ),
    );
    const rootType = this.schema.getRootType(operation.operation);
    if (!rootType) return { name: 'several', fields, eventNames };
    for (const { node, type, path } of walkFields(this.schema, fragments, {
      set: operation.selectionSet,
      type: rootType,
    })) {
      if (path.length === 1) rootFields.add(node.name.value);
      if (node.name.value === '__schema' || node.name.value === '__type') {
        fields.push({ path, rule: { kind: 'INTROSPECTION' } });
      }
      const access = this.table.get(`${type.name}.${node.name.value}`);
      if (access?.rule) fields.push({ path, rule: access.rule });
      if (access?.eventNamePath) eventNames.push({ path, node, argumentPath: access.eventNamePath });
    }
    const [name = '', ...others] = rootFields;
    return { name: others.length > 0 ? 'several' : name, fields, eventNames };
  }
}

/** An anonymous caller is the one with no scope at all: every valid credential has some. */
function isPermitted(rule: RuledField['rule'], scopes: ScopeSet): boolean {
  switch (rule.kind) {
    case 'PUBLIC':
    case 'INTROSPECTION':
      return true;
    case 'AUTHENTICATED':
      return scopes.size > 0;
    case 'SCOPE':
      return scopes.has(rule.scope);
  }
}

interface Visit {
  readonly node: FieldNode;
  readonly type: GraphQLCompositeType;
  readonly path: readonly string[];
}
interface Place {
  readonly set: SelectionSetNode;
  readonly type: GraphQLCompositeType;
  readonly path?: readonly string[];
}

/** Every field of a selection, fragments expanded. The document is validated and within its limits by now. */
function* walkFields(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  { set, type, path = [] }: Place,
): Generator<Visit> {
  for (const selection of set.selections) {
    if (selection.kind === Kind.FIELD) {
      const fieldPath = [...path, selection.alias?.value ?? selection.name.value];
      yield { node: selection, type, path: fieldPath };
      const field =
        isObjectType(type) || 'getFields' in type ? type.getFields()[selection.name.value] : undefined;
      const fieldType = getNamedType(field?.type);
      if (selection.selectionSet && isCompositeType(fieldType)) {
        yield* walkFields(schema, fragments, {
          set: selection.selectionSet,
          type: fieldType,
          path: fieldPath,
        });
      }
      continue;
    }
    const fragment =
      selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
    if (!fragment) continue;
    const condition = fragment.typeCondition && schema.getType(fragment.typeCondition.name.value);
    const fragmentType = isCompositeType(condition) ? condition : type;
    yield* walkFields(schema, fragments, { set: fragment.selectionSet, type: fragmentType, path });
  }
}
