import { specifiedDirectives, type GraphQLSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { allowedEventDirective } from '../auth/allowed-event.directive';
import { authenticatedDirective } from '../auth/authenticated.directive';
import { publicDirective } from '../auth/public.directive';
import { requiresScopeDirective } from '../auth/requires-scope.directive';
import { callDirectly } from './call-directly';
import { RESOLVERS } from './resolvers';
import { DateTime } from './scalars';

/** Instances of the resolver classes, by class. */
export type ResolverInstances = ReadonlyMap<unknown, unknown>;

/** The code-first schema with its directives. Without instances it can be printed but not executed. */
export function buildSchema(instances?: ResolverInstances): GraphQLSchema {
  const getInstance = (resolverClass: unknown): unknown => {
    const instance = instances?.get(resolverClass);
    if (!instance) throw new Error(`No instance of ${String(resolverClass)} was handed to buildSchema.`);
    return instance;
  };
  const schema = buildSchemaSync({
    resolvers: RESOLVERS,
    directives: [
      ...specifiedDirectives,
      requiresScopeDirective,
      authenticatedDirective,
      publicDirective,
      allowedEventDirective,
    ],
    scalarsMap: [{ type: Date, scalar: DateTime }],
    // Input rules live in `*.rules.ts`, once for all doors; class-validator would be a second place and costs time.
    validate: false,
    container: { get: getInstance },
  });
  if (instances) callDirectly(schema, getInstance);
  return schema;
}
