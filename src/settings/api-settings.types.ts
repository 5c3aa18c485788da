import { Field, ObjectType } from 'type-graphql';
import { Workspace } from '../auth/access.types';

@ObjectType({ description: 'The API settings of a workspace.' })
export class ApiSettings {
  @Field(() => Workspace, { description: 'Whose settings these are.' })
  workspace: Workspace;
}
