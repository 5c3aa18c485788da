import type { FirstRun } from './first-run';

/** For the terminal. The secrets of the very first start are shown here and go nowhere else, not even to the log. */
export function describeStart({
  url,
  metricsUrl,
  firstRun,
}: {
  url: string;
  metricsUrl: string | null;
  firstRun: FirstRun | null;
}): string {
  return describeAddresses(url, metricsUrl) + (firstRun ? describeFirstRun(url, firstRun) : '');
}

function describeAddresses(url: string, metricsUrl: string | null): string {
  return `
Fluxgate listens on ${url}
  GraphQL  ${url}/graphql
  REST     ${url}/event/ingest, /event/ingest/batch, /profile
${metricsUrl === null ? '' : `  Metrics  ${metricsUrl}\n`}  Health   ${url}/healthz, ${url}/readyz
`;
}

function describeFirstRun(url: string, made: FirstRun): string {
  return `
This is the first start. A workspace was made; the secrets below are shown this once, keep them now.

  Owner             ${made.ownerEmail}
  Password          ${made.ownerPassword ?? 'the one of FLUXGATE_OWNER_PASSWORD'}
  Write-only key    ${made.writeOnlyKey}   (may be public)
  Read & write key  ${made.readWriteKey}   (secret, for back ends)

Sign in with the mutation signIn, then send its sessionToken as "Authorization: Bearer …".

A first event:

curl -s ${url}/graphql \\
  -H 'Authorization: Bearer ${made.writeOnlyKey}' -H 'Content-Type: application/json' \\
  -d '{"query":"mutation { trackEvent(input: { name: \\"page_view\\", userId: \\"ada\\" }) { messageId status } }"}'

A first profile:

curl -s ${url}/graphql \\
  -H 'Authorization: Bearer ${made.readWriteKey}' -H 'Content-Type: application/json' \\
  -d '{"query":"{ profile(key: { userId: \\"ada\\" }) { userId firstSeenAt events { edges { node { name timestamp } } } } }"}'
`;
}
