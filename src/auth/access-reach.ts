import { getNamedType, isObjectType, type GraphQLNamedType, type GraphQLSchema } from 'graphql';
import type { AccessTable, FieldRule } from './field-access';
import { KEY_SCOPES, NO_SCOPES, ROLE_SCOPES, SCOPES, type Scope, type ScopeSet } from './scopes';

const CREDENTIALS: readonly ScopeSet[] = [...Object.values(KEY_SCOPES), ...Object.values(ROLE_SCOPES)];

/**
 * Faults of the kind "this field hands out a Profile, but whoever reaches it need not have profiles:read". A type
 * belongs to the scope of the query field that returns it; a nested field that returns it needs that scope too, on
 * itself, on the way to it, or because every credential with the scopes of the way has it anyway.
 */
export function findUnguardedFields(schema: GraphQLSchema, table: AccessTable): string[] {
  const owners = readOwners(schema, table);
  const faults = new Set<string>();
  const visited = new Set<string>();

  const visit = (type: GraphQLNamedType | undefined, scopes: ReadonlySet<Scope>): void => {
    if (!isObjectType(type)) return;
    const key = `${type.name} ${[...scopes].sort().join(' ')}`;
    if (visited.has(key)) return;
    visited.add(key);
    for (const field of Object.values(type.getFields())) {
      const place = `${type.name}.${field.name}`;
      const reached = new Set([...scopes, ...impliedBy(table.get(place)?.rule)]);
      const returned = getNamedType(field.type);
      const needed = owners.get(returned.name);
      if (needed && !reached.has(needed)) faults.add(`${place} returns ${returned.name} without ${needed}.`);
      visit(returned, reached);
    }
  };
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]) {
    for (const field of Object.values(root?.getFields() ?? {})) {
      visit(getNamedType(field.type), new Set(impliedBy(table.get(`${root?.name}.${field.name}`)?.rule)));
    }
  }
  return [...faults];
}

/** Type → scope: what a query field with a scope returns, and what the nodes of its connection are. */
function readOwners(schema: GraphQLSchema, table: AccessTable): Map<string, Scope> {
  const owners = new Map<string, Scope>();
  for (const field of Object.values(schema.getQueryType()?.getFields() ?? {})) {
    const rule = table.get(`Query.${field.name}`)?.rule;
    if (rule?.kind !== 'SCOPE') continue;
    const type = getNamedType(field.type);
    owners.set(type.name, rule.scope);
    const edge = isObjectType(type) ? getNamedType(type.getFields()['edges']?.type) : undefined;
    const node = isObjectType(edge) ? getNamedType(edge.getFields()['node']?.type) : undefined;
    if (node) owners.set(node.name, rule.scope);
  }
  return owners;
}

/** What every credential that passes this rule may do. */
function impliedBy(rule: FieldRule | null | undefined): ScopeSet {
  if (!rule || rule.kind === 'PUBLIC') return NO_SCOPES;
  const passing = CREDENTIALS.filter((scopes) => rule.kind === 'AUTHENTICATED' || scopes.has(rule.scope));
  return new Set(
    SCOPES.filter((scope) => passing.length > 0 && passing.every((scopes) => scopes.has(scope))),
  );
}
