import { Field, ObjectType } from 'type-graphql';
import { AllowedEvents, CredentialKind, Workspace } from '../auth/access.types';
import { Member } from './member.types';

@ObjectType({
  description:
    "The caller, as the server sees it: for answering 'what may this key do, and from where am I calling?'",
})
export class Viewer {
  @Field(() => CredentialKind, { description: 'What the caller showed to be let in.' })
  credentialKind: keyof typeof CredentialKind;

  @Field(() => Workspace, { description: 'Whose data the caller reaches.' })
  workspace: Workspace;

  @Field(() => [String], { description: 'What the caller may do, in alphabetical order.' })
  scopes: string[];

  @Field({ description: "The caller's address, or unknown when a proxy sent something that is no address." })
  clientIp: string;

  @Field(() => AllowedEvents, {
    nullable: true,
    description: 'Which events the key may send; null for sessions.',
  })
  allowedEvents: AllowedEvents | null;

  @Field(() => Date, { nullable: true, description: 'When the credential ends; null: never.' })
  expiresAt: Date | null;

  @Field(() => Member, { nullable: true, description: 'The signed-in member; null for keys.' })
  member: Member | null;
}
