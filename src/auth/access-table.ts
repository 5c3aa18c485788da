import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { findUnguardedFields } from './access-reach';
import { allowedEventDirective } from './allowed-event.directive';
import { authenticatedDirective } from './authenticated.directive';
import { publicDirective } from './public.directive';
import { requiresScopeDirective } from './requires-scope.directive';
import type { AccessTable, FieldAccess, FieldRule } from './field-access';
import { SCOPES, type Scope } from './scopes';

const ACCESS_DIRECTIVES = [requiresScopeDirective, authenticatedDirective, publicDirective];
const DIRECTIVE_NAMES = [...ACCESS_DIRECTIVES, allowedEventDirective].map(({ name }) => name);

/** Reads every directive out of the schema, once, at boot. Throws one Error that lists every fault (rule 3). */
export function readAccessTable(schema: GraphQLSchema): AccessTable {
  const table = new Map<string, FieldAccess>();
  const faults: string[] = [];
  mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, fieldName, typeName) => {
      const place = `${typeName}.${fieldName}`;
      const access = readFieldAccess(schema, config, { place, faults });
      if (access.rule || access.eventNamePath) table.set(place, access);
      return config;
    },
  });
  faults.push(
    ...findRootFieldFaults(schema, table),
    ...findMisplacedDirectives(schema),
    ...findBypassedRules(schema, table),
    ...findUnguardedFields(schema, table),
  );
  if (faults.length > 0)
    throw new Error(`The access rules of the schema are wrong:\n  ${faults.join('\n  ')}`);
  return table;
}

type Annotated = Parameters<typeof getDirective>[1];

function readFieldAccess(
  schema: GraphQLSchema,
  field: Annotated,
  { place, faults }: { place: string; faults: string[] },
): FieldAccess {
  const rules = ACCESS_DIRECTIVES.flatMap(({ name }) =>
    (getDirective(schema, field, name) ?? []).map((args) => toRule(name, args['scope'])),
  );
  if (rules.length > 1) faults.push(`${place} has ${rules.length} access rules; one is allowed.`);
  for (const rule of rules) {
    if (rule.kind === 'SCOPE' && !SCOPES.includes(rule.scope))
      faults.push(`${place} names an unknown scope.`);
  }
  const argument: unknown = getDirective(schema, field, allowedEventDirective.name)?.[0]?.['argument'];
  return { rule: rules[0] ?? null, eventNamePath: typeof argument === 'string' ? argument.split('.') : null };
}

function toRule(directive: string, scope: unknown): FieldRule {
  if (directive === requiresScopeDirective.name) return { kind: 'SCOPE', scope: scope as Scope };
  return { kind: directive === publicDirective.name ? 'PUBLIC' : 'AUTHENTICATED' };
}

function rootFields(schema: GraphQLSchema): { place: string; field: GraphQLField<unknown, unknown> }[] {
  return [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
    Object.values(type?.getFields() ?? {}).map((field) => ({ place: `${type?.name}.${field.name}`, field })),
  );
}

function findRootFieldFaults(schema: GraphQLSchema, table: AccessTable): string[] {
  return rootFields(schema).flatMap(({ place, field }) => {
    const access = table.get(place);
    const faults = access?.rule ? [] : [`${place} has no access rule; write @public if everybody may.`];
    if (access?.eventNamePath && !hasArgumentPath(field, access.eventNamePath)) {
      faults.push(`${place} has @allowedEvent on an argument that does not exist.`);
    }
    return faults;
  });
}

function hasArgumentPath(
  field: GraphQLField<unknown, unknown>,
  [argument, ...rest]: readonly string[],
): boolean {
  let type: GraphQLNamedType | undefined = getNamedType(
    field.args.find(({ name }) => name === argument)?.type,
  );
  for (const name of rest) {
    type = isInputObjectType(type) ? getNamedType(type.getFields()[name]?.type) : undefined;
  }
  return type?.name === 'String';
}

/** A rule anywhere but on a field of an object type would not be enforced, so it must not be there. */
function findMisplacedDirectives(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type))
    .flatMap((type) => placesWithoutEnforcement(type))
    .filter(({ node }) => DIRECTIVE_NAMES.some((name) => getDirective(schema, node, name)?.length))
    .map(({ place }) => `${place} has an access rule, which would not be enforced there.`);
}

interface SchemaPlace {
  readonly place: string;
  readonly node: Annotated;
}

function placesWithoutEnforcement(type: GraphQLNamedType): SchemaPlace[] {
  return [{ place: type.name, node: type as Annotated }, ...membersWithoutEnforcement(type)];
}

function membersWithoutEnforcement(type: GraphQLNamedType): SchemaPlace[] {
  const { name } = type;
  if (isObjectType(type)) {
    return Object.values(type.getFields()).flatMap((field) =>
      field.args.map((arg) => ({ place: `${name}.${field.name}(${arg.name}:)`, node: arg })),
    );
  }
  if (isInterfaceType(type) || isInputObjectType(type)) {
    const fields: readonly (Annotated & { name: string })[] = Object.values(type.getFields());
    return fields.map((field) => ({ place: `${name}.${field.name}`, node: field }));
  }
  if (isEnumType(type))
    return type.getValues().map((value) => ({ place: `${name}.${value.name}`, node: value }));
  return [];
}

/** A field with a rule that can also be selected through an interface would be judged without its rule. */
function findBypassedRules(schema: GraphQLSchema, table: AccessTable): string[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => isObjectType(type))
    .flatMap((type) =>
      type.getInterfaces().flatMap((parent) =>
        Object.keys(parent.getFields())
          .filter((name) => table.get(`${type.name}.${name}`)?.rule)
          .map(
            (name) => `${type.name}.${name} has an access rule, but ${parent.name}.${name} goes around it.`,
          ),
      ),
    );
}
