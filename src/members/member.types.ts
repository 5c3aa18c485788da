import { Field, ID, ObjectType } from 'type-graphql';
import { MemberRole } from '../auth/access.types';

@ObjectType({ description: 'A person who may sign in.' })
export class Member {
  @Field(() => ID, { description: 'Stable id.' })
  id: string;

  @Field({ description: 'What they sign in with.' })
  email: string;

  @Field(() => MemberRole, { description: 'What they may do.' })
  role: keyof typeof MemberRole;

  @Field({ description: 'Since when they are a member.' })
  createdAt: Date;

  @Field(() => Date, { nullable: true, description: 'When they last signed in.' })
  lastSignedInAt: Date | null;
}
