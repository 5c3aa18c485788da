import { Field, InputType, ObjectType } from 'type-graphql';
import { Viewer } from './viewer.types';

@InputType({ description: 'Who is signing in.' })
export class SignInInput {
  @Field({ description: 'Case does not matter.' })
  email: string;

  @Field({ description: 'Case matters.' })
  password: string;
}

@ObjectType({ description: 'A new session.' })
export class SignInPayload {
  @Field({
    description:
      'Goes into `Authorization: Bearer`; shown this once. A page of the same origin also gets it as an HttpOnly cookie.',
  })
  sessionToken: string;

  @Field({ description: 'When the session ends in any case; it ends earlier when it is not used.' })
  expiresAt: Date;

  @Field(() => Viewer, { description: 'The caller of the new session.' })
  viewer: Viewer;
}

@ObjectType({ description: 'The end of a session.' })
export class SignOutPayload {
  @Field({ description: 'Always true: the session is over.' })
  signedOut: boolean;
}
