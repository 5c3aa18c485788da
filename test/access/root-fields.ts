import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isLeafType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type ConstDirectiveNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';

/** A root field of the printed schema, with a call of it that lacks nothing. */
export interface RootField {
  readonly name: string;
  readonly operation: 'query' | 'mutation';
  /** `public`, `authenticated` or the scope, as contract.graphql says it; undefined when it says nothing. */
  readonly rule: string | undefined;
  readonly text: string;
  readonly variables: Record<string, unknown>;
  /** Places of ids in the variables; a list is stepped into at its element 0. */
  readonly idPaths: string[][];
}

/** Every root field that there is; nothing has to be added here for a new one. */
export function listRootFields(): RootField[] {
  const schema = readSchema();
  const rules = readContractRules();
  return [
    ...describeRoot(schema, { operation: 'query', rules }),
    ...describeRoot(schema, { operation: 'mutation', rules }),
  ];
}

function readSchema(): GraphQLSchema {
  return buildSchema(readFileSync('schema/schema.graphql', 'utf8'), { assumeValid: true });
}

function describeRoot(
  schema: GraphQLSchema,
  { operation, rules }: { operation: 'query' | 'mutation'; rules: ReadonlyMap<string, string> },
): RootField[] {
  const root = operation === 'query' ? schema.getQueryType() : schema.getMutationType();
  return Object.values(root?.getFields() ?? {}).map((field) => {
    const args = field.args.filter(({ type }) => isNonNullType(type));
    const declared = args.map(({ name, type }) => `$${name}: ${type.toString()}`).join(', ');
    const passed = args.map(({ name }) => `${name}: $${name}`).join(', ');
    return {
      name: field.name,
      operation,
      rule: rules.get(`${root?.name}.${field.name}`),
      text: `${operation}${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`} ${selectOpenLeaves(field)} }`,
      variables: Object.fromEntries(args.map(({ name, type }) => [name, sample(type, name)])),
      idPaths: args.flatMap(({ name, type }) => idPathsOf(type, [name])),
    };
  });
}

/** A field below the roots that has a rule of its own, with a query that reaches it. */
export interface NestedField {
  readonly name: string;
  readonly text: string;
  readonly variables: Record<string, unknown>;
  /** The rules of all fields on the way, as contract.graphql says them. */
  readonly rules: (string | undefined)[];
}

/** Every one that either the printed schema or the contract gives a scope. */
export function listRuledNestedFields(): NestedField[] {
  const schema = readSchema();
  const roots = listRootFields().filter(({ operation }) => operation === 'query');
  const rules = readContractRules();
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  return types
    .filter((type) => type !== schema.getQueryType() && type !== schema.getMutationType())
    .flatMap((type) => Object.values(type.getFields()).map((field) => ({ type, field })))
    .filter(({ type, field }) => hasScope(field) || rules.has(`${type.name}.${field.name}`))
    .map(({ type, field }) => {
      const name = `${type.name}.${field.name}`;
      const root = roots.find((each) => rootTypeOf(schema, each) === type.name);
      if (!root) throw new Error(`No query answers with the type of ${name}: teach this test the way to it.`);
      const selection = isCompositeType(getNamedType(field.type)) ? ' { __typename }' : '';
      const text = root.text.replace(/\{[^{}]*\} \}$/, `{ ${field.name}${selection} } }`);
      return { name, text, variables: root.variables, rules: [root.rule, rules.get(name)] };
    });
}

function rootTypeOf(schema: GraphQLSchema, { name }: RootField): string | undefined {
  const type = schema.getQueryType()?.getFields()[name]?.type;
  return type && getNamedType(type).name;
}

function hasScope({ astNode }: GraphQLField<unknown, unknown>): boolean {
  return astNode?.directives?.some((directive) => directive.name.value === 'requiresScope') ?? false;
}

/** All that a result says by itself, so that two answers can be compared. */
function selectOpenLeaves(field: GraphQLField<unknown, unknown>): string {
  const type = getNamedType(field.type);
  if (!isCompositeType(type)) return '';
  const fields = isObjectType(type) ? Object.values(type.getFields()) : [];
  const leaves = fields.filter((each) => isLeafType(getNamedType(each.type)) && !hasScope(each));
  return `{ ${['__typename', ...leaves.map(({ name }) => name)].join(' ')} }`;
}

/** The rules as the contract writes them: an oracle apart from the code. */
function readContractRules(): Map<string, string> {
  const { definitions } = parse(readFileSync('test/contract/contract.graphql', 'utf8'));
  const rules = new Map<string, string>();
  for (const definition of definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name, directives = [] } of definition.fields ?? []) {
      const [rule] = directives.flatMap(ruleOf);
      if (rule) rules.set(`${definition.name.value}.${name.value}`, rule);
    }
  }
  return rules;
}

function ruleOf({ name, arguments: given }: ConstDirectiveNode): string[] {
  if (name.value !== 'requiresScope')
    return ['authenticated', 'public'].includes(name.value) ? [name.value] : [];
  const scope = given?.find((argument) => argument.name.value === 'scope')?.value;
  return scope?.kind === Kind.STRING ? [scope.value] : [];
}

const RANDOM_ID = '00000000-0000-7000-8000-000000000000';

/** A value that passes coercion; where the name tells more, one that passes the input rules as well. */
function sample(type: GraphQLInputType, name: string): unknown {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [sample(nullable.ofType, name)];
  if (isEnumType(nullable)) return nullable.getValues()[0]?.name;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields());
    const needed = fields.filter(
      (field) => isNonNullType(field.type) || field.name === 'userId' || field.name === 'keyId',
    );
    return Object.fromEntries(needed.map((field) => [field.name, sample(field.type, field.name)]));
  }
  switch (getNamedType(nullable).name) {
    case 'ID':
      return RANDOM_ID;
    case 'Int':
    case 'Float':
      return 5;
    case 'Boolean':
      return true;
    case 'DateTime':
      return '2026-11-24T09:30:00.000Z';
    case 'JSON':
    case 'JSONObject':
      return {};
    default:
      return name === 'range' ? '198.51.100.7' : name === 'email' ? 'nobody@example.com' : 'a-name-for-this';
  }
}

function idPathsOf(type: GraphQLInputType, path: string[]): string[][] {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return idPathsOf(nullable.ofType, [...path, '0']);
  if (isInputObjectType(nullable))
    return Object.values(nullable.getFields()).flatMap((field) =>
      idPathsOf(field.type, [...path, field.name]),
    );
  return nullable.name === 'ID' ? [path] : [];
}
