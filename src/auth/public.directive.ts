import { DirectiveLocation, GraphQLDirective } from 'graphql';
import { Directive } from 'type-graphql';

export const publicDirective = new GraphQLDirective({
  name: 'public',
  description: 'No credential is needed. Must be written out.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
});

/** Writes `@public` beside a field: no credential is needed. */
export function Public(): MethodDecorator & PropertyDecorator {
  return Directive('@public');
}
