import { Field, ID, ObjectType, registerEnumType } from 'type-graphql';
import { ERRORS, type ErrorCode as Code } from '../errors';

/** GraphQL enums whose values are the words of the code itself. */
export const ErrorCode = Object.fromEntries(Object.keys(ERRORS).map((code) => [code, code])) as {
  [C in Code]: C;
};
export const CredentialKind = {
  WRITE_ONLY_KEY: 'WRITE_ONLY_KEY',
  READ_WRITE_KEY: 'READ_WRITE_KEY',
  METRICS_TOKEN: 'METRICS_TOKEN',
  SESSION: 'SESSION',
} as const;
export const IntegrationKeyKind = { WRITE_ONLY: 'WRITE_ONLY', READ_WRITE: 'READ_WRITE' } as const;
export const IpAccessMode = { ANYWHERE: 'ANYWHERE', SPECIFIC_LOCATIONS: 'SPECIFIC_LOCATIONS' } as const;
export const AllowedEventsMode = { ALL: 'ALL', SPECIFIC: 'SPECIFIC' } as const;
export const EnforcementMode = { ENFORCE: 'ENFORCE', OBSERVE: 'OBSERVE' } as const;
export const MemberRole = { VIEWER: 'VIEWER', ADMIN: 'ADMIN', OWNER: 'OWNER' } as const;

registerEnumType(ErrorCode, {
  name: 'ErrorCode',
  description: 'Every code that `errors[].extensions.code` or a per-item result can carry.',
  valuesConfig: Object.fromEntries(
    Object.entries(ERRORS).map(([code, { meaning }]) => [code, { description: meaning }]),
  ),
});
registerEnumType(CredentialKind, {
  name: 'CredentialKind',
  description: 'What the caller showed to be let in.',
  valuesConfig: {
    WRITE_ONLY_KEY: {
      description: 'A public integration key: sends events and identifies profiles, reads nothing.',
    },
    READ_WRITE_KEY: { description: 'A secret integration key for back ends.' },
    METRICS_TOKEN: { description: 'A short-lived access token of the Metrics API.' },
    SESSION: { description: 'A signed-in member.' },
  },
});
registerEnumType(IntegrationKeyKind, {
  name: 'IntegrationKeyKind',
  description: 'What a key may do.',
  valuesConfig: {
    WRITE_ONLY: { description: 'May be public: sends events and identifies profiles, reads nothing.' },
    READ_WRITE: { description: 'Secret: also reads and deletes profiles and starts workflows.' },
  },
});
registerEnumType(IpAccessMode, {
  name: 'IpAccessMode',
  description: 'From where a key may be used.',
  valuesConfig: {
    ANYWHERE: { description: 'From every address.' },
    SPECIFIC_LOCATIONS: { description: 'Only from the listed ranges; an empty list allows nobody.' },
  },
});
registerEnumType(AllowedEventsMode, {
  name: 'AllowedEventsMode',
  description: 'Which events a key may send.',
  valuesConfig: {
    ALL: { description: 'Events of every name.' },
    SPECIFIC: { description: 'Only the listed names; an empty list allows none.' },
  },
});
registerEnumType(EnforcementMode, {
  name: 'EnforcementMode',
  description: 'Whether a rule refuses or only watches.',
  valuesConfig: {
    ENFORCE: { description: 'Refuses what the rule does not allow.' },
    OBSERVE: { description: 'Refuses nothing: for trying a rule out before it is enforced.' },
  },
});
registerEnumType(MemberRole, {
  name: 'MemberRole',
  description: 'What a member may do.',
  valuesConfig: {
    VIEWER: { description: 'Sees everything but the audit log, changes nothing.' },
    ADMIN: { description: 'Changes settings, metrics and workflows.' },
    OWNER: { description: 'Also decides who is a member.' },
  },
});

@ObjectType({ description: 'Which events a key may send.' })
export class AllowedEvents {
  @Field(() => AllowedEventsMode, { description: 'All names, or the listed ones.' })
  mode: keyof typeof AllowedEventsMode;

  @Field(() => EnforcementMode, { description: 'Whether other names are refused or only recorded.' })
  enforcement: keyof typeof EnforcementMode;

  @Field(() => [String], { description: 'The listed names, in alphabetical order.' })
  names: string[];
}

@ObjectType({ description: 'A tenant: everything belongs to exactly one workspace.' })
export class Workspace {
  @Field(() => ID, { description: 'Stable id.' })
  id: string;

  @Field({ description: 'For people.' })
  name: string;

  @Field({ description: 'When it was made.' })
  createdAt: Date;
}
