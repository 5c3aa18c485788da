import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';
import { parseDateTime } from '../lib/date-time';

function requireDateTime(value: unknown, node?: ValueNode): Date {
  const date = typeof value === 'string' ? parseDateTime(value) : null;
  if (date) return date;
  throw new GraphQLError('DateTime must be RFC 3339 text with a zone, e.g. 2026-11-24T09:30:00.000Z.', {
    nodes: node ?? null,
  });
}

export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'RFC 3339 text with a zone, e.g. 2026-11-24T09:30:00.000Z.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => (value as Date).toISOString(),
  parseValue: (value) => requireDateTime(value),
  parseLiteral: (node) => requireDateTime(node.kind === Kind.STRING ? node.value : undefined, node),
});
