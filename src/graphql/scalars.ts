import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { parseDateTime } from '../lib/date-time';

function requireDateTime(value: unknown): Date {
  const date = typeof value === 'string' ? parseDateTime(value) : null;
  if (!date)
    throw new GraphQLError('DateTime must be RFC 3339 text with a zone, e.g. 2026-11-24T09:30:00.000Z.');
  return date;
}

export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  description: 'RFC 3339 text with a zone, e.g. 2026-11-24T09:30:00.000Z.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339',
  serialize: (value) => (value as Date).toISOString(),
  parseValue: requireDateTime,
  parseLiteral: (node) => requireDateTime(node.kind === Kind.STRING ? node.value : undefined),
});
