import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ApiError } from '../errors';
import { sha256Text } from '../lib/digest';
import { parseIpAddress } from '../lib/ip-range';
import { MAX_EMAIL_LENGTH } from './member.rules';

export interface SignInAttempt {
  readonly email: string;
  readonly clientIp: string | null;
}

/** Failed sign-ins per minute, of an address and of an account whether it exists or not (rule 24). Of this process. */
export class SignInThrottle {
  private readonly addresses: RateLimiterMemory;
  private readonly accounts: RateLimiterMemory;

  constructor(failuresPerMinute: number) {
    const limit = { points: failuresPerMinute, duration: 60 };
    this.addresses = new RateLimiterMemory(limit);
    this.accounts = new RateLimiterMemory(limit);
  }

  /**
   * Runs the check and counts it as a failure when it answers null. It is counted before it runs, and forgiven
   * afterwards, so that guesses sent all at once don't slip through. Throws RATE_LIMITED.
   */
  async guard<T>(attempt: SignInAttempt, check: () => Promise<T | null>): Promise<T | null> {
    const account = toAccountKey(attempt.email);
    const address = toNetwork(attempt.clientIp);
    await take(this.addresses, address);
    await take(this.accounts, account);
    let hasFailed = false;
    try {
      const result = await check();
      hasFailed = result === null;
      return result;
    } finally {
      if (!hasFailed) await Promise.all([this.addresses.reward(address), this.accounts.reward(account)]);
    }
  }
}

/** Short, whatever was sent: keys are kept for a minute. What is too long to be an address shares one. */
function toAccountKey(email: string): string {
  return email.length > MAX_EMAIL_LENGTH ? 'too long' : sha256Text(email.toLowerCase());
}

/** Whoever has one IPv6 address has the 2^64 of its network. */
function toNetwork(clientIp: string | null): string {
  const address = clientIp === null ? null : parseIpAddress(clientIp);
  if (!address) return 'unknown';
  return address.family === 4 ? address.text : `${address.value >> 64n}/64`;
}

async function take(limiter: RateLimiterMemory, key: string): Promise<void> {
  try {
    await limiter.consume(key);
  } catch (refused) {
    if (!(refused instanceof RateLimiterRes)) throw refused;
    const waitSeconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
    throw new ApiError('RATE_LIMITED', 'Too many failed sign-ins. Wait, then try again.', {
      headers: { 'retry-after': String(waitSeconds) },
    });
  }
}
