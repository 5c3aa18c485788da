import { DirectiveLocation, GraphQLDirective, GraphQLNonNull, GraphQLString } from 'graphql';
import { Directive } from 'type-graphql';
import type { Scope } from './scopes';

export const requiresScopeDirective = new GraphQLDirective({
  name: 'requiresScope',
  description: "The caller's credential must carry this scope.",
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: { scope: { type: new GraphQLNonNull(GraphQLString), description: 'noun:verb, e.g. events:write.' } },
});

/** Writes `@requiresScope(scope: …)` beside a field. Enforced by `operation-policy.ts` before anything runs. */
export function RequiresScope(scope: Scope): MethodDecorator & PropertyDecorator {
  return Directive(`@requiresScope(scope: ${JSON.stringify(scope)})`);
}
