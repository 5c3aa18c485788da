import { WORKSPACE_ID } from './peers/listen.mjs';
import { PLACEHOLDERS } from './load/request-template.mjs';

/** @typedef {import('./load/request-template.mjs').RequestPlan} RequestPlan */
/** @typedef {Pick<RequestPlan, 'path' | 'headers' | 'body'>} Message */

export const EVENT_NAME = 'product_viewed';

const PROPERTIES = {
  productId: 'sku-48213',
  price: 129.95,
  currency: 'EUR',
  category: 'outdoor/tents/two-persons',
  isReturning: true,
  // REST events have no message id; this makes each of them another one, as a real id of a page view would.
  viewId: PLACEHOLDERS.viewId,
};

const EVENT = {
  messageId: PLACEHOLDERS.messageId,
  name: EVENT_NAME,
  userId: PLACEHOLDERS.userId,
  timestamp: PLACEHOLDERS.timestamp,
  properties: PROPERTIES,
};

/** One event, about 300 bytes, as JSON. @param {string} path @param {string} [key] @returns {Message} */
export function eventMessage(path, key) {
  return jsonMessage(path, EVENT, key);
}

/** Many events in one body. @param {string} path @param {number} count @returns {Message} */
export function batchMessage(path, count) {
  return jsonMessage(path, { events: eventsOf(count) });
}

const TRACK_EVENT =
  'mutation TrackEvent($input: TrackEventInput!) { trackEvent(input: $input) { messageId } }';
const TRACK_EVENTS = `mutation TrackEvents($input: TrackEventsInput!) {
  trackEvents(input: $input) { acceptedCount duplicateCount rejected { index code message } }
}`;
const CREATE_EVENT = `mutation CreateEvent($input: CreateEventInput!) {
  createEvent(input: $input) { event { messageId } }
}`;

/** Fluxgate, Mercurius and Apollo. @param {string} path @param {string} [key] */
export function trackEventMessage(path, key) {
  return graphqlMessage(path, { query: TRACK_EVENT, variables: { input: EVENT } }, key);
}

/** @param {number} count @param {string} key */
export function trackEventsMessage(count, key) {
  return graphqlMessage(
    '/graphql',
    { query: TRACK_EVENTS, variables: { input: { events: eventsOf(count) } } },
    key,
  );
}

/** PostGraphile's own names. */
export function createEventMessage() {
  const { timestamp, ...rest } = EVENT;
  const event = { workspaceId: WORKSPACE_ID, ...rest, occurredAt: timestamp };
  return graphqlMessage('/graphql', { query: CREATE_EVENT, variables: { input: { event } } });
}

const FLUXGATE_PROFILE = `query Profile($userId: ID!) {
  profile(key: { userId: $userId }) {
    userId properties firstSeenAt lastSeenAt
    events(first: 20) { edges { node { messageId name timestamp properties } } }
  }
}`;
const POSTGRAPHILE_PROFILE = `query Profile($workspaceId: UUID!, $userId: String!) {
  profileByWorkspaceIdAndUserId(workspaceId: $workspaceId, userId: $userId) {
    userId properties firstSeenAt lastSeenAt
    eventsByWorkspaceIdAndUserId(first: 20, orderBy: OCCURRED_AT_DESC) {
      nodes { messageId name occurredAt properties }
    }
  }
}`;

/** @param {string} key */
export function fluxgateProfileMessage(key) {
  return graphqlMessage(
    '/graphql',
    { query: FLUXGATE_PROFILE, variables: { userId: PLACEHOLDERS.userId } },
    key,
  );
}

export function postgraphileProfileMessage() {
  const variables = { workspaceId: WORKSPACE_ID, userId: PLACEHOLDERS.userId };
  return graphqlMessage('/graphql', { query: POSTGRAPHILE_PROFILE, variables });
}

export function bareProfileMessage() {
  return jsonMessage('/profile', { userId: PLACEHOLDERS.userId });
}

/** @param {string} path @param {{ query: string, variables: object }} operation @param {string} [key] */
function graphqlMessage(path, operation, key) {
  return jsonMessage(path, { ...operation, query: operation.query.replace(/\s+/g, ' ') }, key);
}

/** @param {string} path @param {unknown} body @param {string} [key] @returns {Message} */
function jsonMessage(path, body, key) {
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  return { path, headers, body: JSON.stringify(body) };
}

/** @param {number} count */
function eventsOf(count) {
  return Array.from({ length: count }, () => EVENT);
}
