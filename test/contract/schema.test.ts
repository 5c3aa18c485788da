import { readFileSync } from 'node:fs';
import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
  parse,
  print,
  type DefinitionNode,
  type DocumentNode,
} from 'graphql';
import { buildSchema } from '../../src/graphql/build-schema';
import { printPublicSchema } from '../../src/graphql/print-schema';
import { MISSING } from './missing';

/** The schema as lines like `Query.profile(key: ProfileKey!): Profile @requiresScope(scope: "profiles:read")`. */
function listFacts(document: DocumentNode): Set<string> {
  return new Set(document.definitions.flatMap(factsOf));
}

function factsOf(node: DefinitionNode): string[] {
  switch (node.kind) {
    case Kind.SCALAR_TYPE_DEFINITION:
      return [`scalar ${node.name.value}`];
    case Kind.DIRECTIVE_DEFINITION:
      return [
        print({
          ...node,
          description: undefined,
          arguments: node.arguments?.map(withoutDescription),
        }),
      ];
    case Kind.ENUM_TYPE_DEFINITION:
      return (node.values ?? []).map(({ name }) => `${node.name.value}.${name.value}`);
    case Kind.OBJECT_TYPE_DEFINITION:
      return (node.fields ?? []).map((field) => {
        const args = (field.arguments ?? []).map((arg) => print(withoutDescription(arg) as never)).sort();
        const directives = (field.directives ?? []).map((directive) => print(directive)).sort();
        const signature = `${field.name.value}${args.length ? `(${args.join(', ')})` : ''}: ${print(field.type)}`;
        return [`${node.name.value}.${signature}`, ...directives].join(' ');
      });
    case Kind.INPUT_OBJECT_TYPE_DEFINITION:
      return (node.fields ?? []).map(
        (field) => `${node.name.value}.${print(withoutDescription(field) as never)}`,
      );
    default:
      return [];
  }
}

function withoutDescription<Node extends object>(node: Node): Node {
  return { ...node, description: undefined };
}

const printed = readFileSync('schema/schema.graphql', 'utf8');
const contract = readFileSync('test/contract/contract.graphql', 'utf8');

test('schema/schema.graphql is what the code says', () => {
  expect(printed).toBe(printPublicSchema());
});

test('the printed schema holds the contract, but for what is known to be missing', () => {
  const facts = listFacts(parse(printed));
  const missing = [...listFacts(parse(contract))].filter((fact) => !facts.has(fact));
  expect(missing.filter((fact) => !MISSING.some((place) => isAt(fact, place)))).toEqual([]);
});

test('nothing is listed as missing that is there', () => {
  const facts = [...listFacts(parse(printed))];
  expect(MISSING.filter((place) => facts.some((fact) => isAt(fact, place)))).toEqual([]);
});

/** `Query.members` and `Query.members: [Member!]!`; a whole type by its name. */
function isAt(fact: string, place: string): boolean {
  const [name] = /^(?:scalar )?\w+(?:\.\w+)?/.exec(fact) ?? [''];
  return name === place || name.split('.')[0] === place;
}

test('every type, field, argument and enum value has a description', () => {
  const bare = Object.values(buildSchema().getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap((type) => [
      ...(type.description || ['Query', 'Mutation'].includes(type.name) ? [] : [type.name]),
      ...(isObjectType(type) || isInterfaceType(type)
        ? Object.values(type.getFields()).flatMap((field) => [
            ...(field.description ? [] : [`${type.name}.${field.name}`]),
            ...field.args
              .filter((arg) => !arg.description)
              .map((arg) => `${type.name}.${field.name}(${arg.name}:)`),
          ])
        : []),
      ...(isInputObjectType(type)
        ? Object.values(type.getFields())
            .filter((field) => !field.description)
            .map((field) => `${type.name}.${field.name}`)
        : []),
      ...(isEnumType(type)
        ? type
            .getValues()
            .filter((value) => !value.description)
            .map((value) => `${type.name}.${value.name}`)
        : []),
    ]);
  expect(bare).toEqual([]);
});
