import { DirectiveLocation, GraphQLDirective } from 'graphql';
import { Directive } from 'type-graphql';

export const authenticatedDirective = new GraphQLDirective({
  name: 'authenticated',
  description: 'Any valid credential will do.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
});

/** Writes `@authenticated` beside a field: any valid credential will do. */
export function Authenticated(): MethodDecorator & PropertyDecorator {
  return Directive('@authenticated');
}
