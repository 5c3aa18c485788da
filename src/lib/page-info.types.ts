import { Field, ObjectType } from 'type-graphql';

@ObjectType({
  description: 'Where a page of a connection stands (Relay cursor connections).',
  simpleResolvers: true,
})
export class PageInfo {
  @Field({ description: 'Whether there is more after the last edge.' })
  hasNextPage: boolean;

  @Field({ description: 'Whether the page began after a cursor.' })
  hasPreviousPage: boolean;

  @Field(() => String, { nullable: true, description: 'Cursor of the first edge.' })
  startCursor: string | null;

  @Field(() => String, { nullable: true, description: 'Cursor of the last edge; pass it as `after`.' })
  endCursor: string | null;
}
