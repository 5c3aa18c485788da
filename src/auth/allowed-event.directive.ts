import { DirectiveLocation, GraphQLDirective, GraphQLNonNull, GraphQLString } from 'graphql';
import { Directive } from 'type-graphql';

export const allowedEventDirective = new GraphQLDirective({
  name: 'allowedEvent',
  description: 'The event name found at this argument path must be one that the calling key may send.',
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: {
    argument: { type: new GraphQLNonNull(GraphQLString), description: 'Path of the name, e.g. input.name.' },
  },
});

/** Writes `@allowedEvent(argument: …)` beside a field. */
export function AllowedEvent(argument: string): MethodDecorator & PropertyDecorator {
  return Directive(`@allowedEvent(argument: ${JSON.stringify(argument)})`);
}
