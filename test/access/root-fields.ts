import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
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
  /** Places of ids in the variables. */
  readonly idPaths: string[][];
}

/** Every root field that there is; nothing has to be added here for a new one. */
export function listRootFields(): RootField[] {
  const schema = buildSchema(readFileSync('schema/schema.graphql', 'utf8'), { assumeValid: true });
  const rules = readContractRules();
  return [
    ...describeRoot(schema, { operation: 'query', rules }),
    ...describeRoot(schema, { operation: 'mutation', rules }),
  ];
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
    const selection = isCompositeType(getNamedType(field.type)) ? '{ __typename }' : '';
    return {
      name: field.name,
      operation,
      rule: rules.get(`${root?.name}.${field.name}`),
      text: `${operation}${declared && `(${declared})`} { ${field.name}${passed && `(${passed})`} ${selection} }`,
      variables: Object.fromEntries(args.map(({ name, type }) => [name, sample(type, name)])),
      idPaths: args.flatMap(({ name, type }) => idPathsOf(type, [name])),
    };
  });
}

/** The rules as the contract writes them: an oracle apart from the code. */
function readContractRules(): Map<string, string> {
  const contract = readFileSync('test/contract/contract.graphql', 'utf8');
  const rules = new Map<string, string>();
  for (const root of ['Query', 'Mutation']) {
    const body = new RegExp(`^type ${root} \\{(.*?)^\\}`, 'ms').exec(contract)?.[1] ?? '';
    for (const [, name = '', scope, word] of body.matchAll(
      /^ {2}(\w+).*?(?:@requiresScope\(scope: "([^"]+)"\)|@(authenticated|public))/gm,
    )) {
      rules.set(`${root}.${name}`, scope ?? word ?? '');
    }
  }
  return rules;
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
  const named = getNamedType(type);
  if (named.name === 'ID') return [path];
  if (!isInputObjectType(named) || isListType(getNullableType(type))) return [];
  return Object.values(named.getFields()).flatMap((field) => idPathsOf(field.type, [...path, field.name]));
}
