import type { GraphQLObjectType, GraphQLSchema } from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import type { RequestContext } from '../auth/caller';

type Handler = ReturnType<typeof getMetadataStorage>['queries'][number];
type Arguments = Readonly<Record<string, unknown>>;
type Method = (this: unknown, ...values: unknown[]) => unknown;

/**
 * Lets root fields call their method with what graphql-js has coerced. type-graphql would copy each input, field by
 * field, into an instance of its class, and wait for a validation that is off: 8 µs of an event, and nothing here needs
 * instances of inputs. Fields with other parameters than arguments and context stay as they are.
 */
export function callDirectly(schema: GraphQLSchema, instanceOf: (resolverClass: unknown) => unknown): void {
  const { queries, mutations } = getMetadataStorage();
  replaceResolvers(schema.getQueryType(), queries, instanceOf);
  replaceResolvers(schema.getMutationType(), mutations, instanceOf);
}

function replaceResolvers(
  type: GraphQLObjectType | null | undefined,
  handlers: readonly Handler[],
  instanceOf: (resolverClass: unknown) => unknown,
): void {
  for (const { schemaName, target, methodName, params = [] } of handlers) {
    const field = type?.getFields()[schemaName];
    const sorted = [...params].sort((a, b) => a.index - b.index);
    const readers = sorted.map(toReader);
    const isComplete = sorted.every(({ index }, position) => index === position);
    if (!field || !isComplete || !readers.every((reader) => reader !== null)) continue;
    const instance = instanceOf(target) as Record<string, Method>;
    field.resolve = (_root, args: Arguments, context: RequestContext) =>
      instance[methodName]!(...readers.map((read) => read(args, context)));
  }
}

/** null: only type-graphql knows how to make the parameter. */
function toReader(
  param: NonNullable<Handler['params']>[number],
): ((args: Arguments, context: RequestContext) => unknown) | null {
  if (param.kind === 'arg') return ({ [param.name]: value }) => value;
  return param.kind === 'context' && !param.propertyName ? (_args, context) => context : null;
}
