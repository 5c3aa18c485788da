/** What the two hand-made GraphQL peers serve. A scalar without code of its own passes its value through. */
export const TRACK_EVENT_SCHEMA = `
  scalar JSON
  input TrackEventInput {
    messageId: ID!
    name: String!
    userId: ID!
    timestamp: String!
    properties: JSON
  }
  type TrackEventPayload { messageId: ID! }
  type Query { version: String }
  type Mutation { trackEvent(input: TrackEventInput!): TrackEventPayload! }
`;
