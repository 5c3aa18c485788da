import type { Answer, Door, Ticket } from './doors';
import type { Outcome } from './ledger';

/** Longer than any wait that the server allows itself for its database. */
const TIMEOUT_MS = 60_000;

/**
 * Said before anything goes to the database, so these are refusals. "Events cannot be stored now." is none: when the
 * connection breaks during COMMIT nobody knows whether it happened, and of a batch, a part may be stored.
 */
const CERTAIN_503 = [/^Too many events are waiting/, /^Access rules cannot be confirmed/];

export interface Sent {
  readonly outcomes: readonly Outcome[];
  /** What was said, for whoever has to understand a failure; e.g. `503 Events cannot be stored now. Try again.` */
  readonly said: string;
}

/** One request with these tickets. Never throws for what a fault may cause; throws for an answer that breaks the contract. */
export async function sendTickets(
  { url, bearer }: { url: string; bearer: string },
  door: Door,
  tickets: readonly Ticket[],
): Promise<Sent> {
  let answer: Answer;
  try {
    answer = await post(url + door.path, bearer, door.body(tickets));
  } catch (error) {
    const { message, cause } = error as { message: string; cause?: { message: string; code?: string } };
    // Where nobody listens, nothing was sent. Whatever else went wrong may have gone wrong after the event was stored.
    const outcome = cause?.code === 'ECONNREFUSED' ? 'REFUSED' : 'UNKNOWN';
    return all(tickets, outcome, `no answer: ${cause?.code ?? cause?.message ?? message}`);
  }
  const refusal = readRefusal(answer);
  if (refusal === undefined) return { outcomes: door.read(answer, tickets), said: String(answer.status) };
  return all(tickets, judgeRefusal(answer.status, refusal), `${answer.status} ${refusal}`);
}

async function post(url: string, bearer: string, body: unknown): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
}

/** The message of a refusal on either kind of door; undefined when there is none. */
function readRefusal({ status, body }: Answer): string | undefined {
  const { error, errors } = (body ?? {}) as { error?: { message: string }; errors?: { message: string }[] };
  const message = error?.message ?? errors?.[0]?.message;
  return message ?? (status >= 400 ? '(no message)' : undefined);
}

function judgeRefusal(status: number, message: string): Outcome {
  if (status < 500 || (status === 503 && CERTAIN_503.some((known) => known.test(message)))) return 'REFUSED';
  return 'UNKNOWN';
}

function all(tickets: readonly Ticket[], outcome: Outcome, said: string): Sent {
  return { outcomes: tickets.map(() => outcome), said };
}
