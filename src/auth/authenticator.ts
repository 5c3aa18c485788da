import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type pg from 'pg';
import type { Clock } from '../clock';
import type { Config } from '../config';
import { ApiError } from '../errors';
import type { IpAddress, IpRange } from '../lib/ip-range';
import { hashSecret, parseSecretPrefix } from '../lib/secret';
import type { Logger } from '../log';
import { addressNotAllowed, browserNotAllowed, isFromBrowser, judgeAddress } from './authorize';
import { unauthenticated, type Caller, type KeyPolicy, type RequestContext, type Session } from './caller';
import { resolveClientIp } from './client-ip';
import type { PolicyCache } from './policy-cache';
import { isOwnOrigin, readBearer, readSessionCookie, type AuthHeaders } from './request-headers';
import { NO_SCOPES } from './scopes';
import { findSession, touchSession } from './session.store';

const ANONYMOUS: Caller = { kind: 'ANONYMOUS', scopes: NO_SCOPES };
const TOUCH_INTERVAL_MS = 60_000;

export interface IncomingRequest {
  readonly requestId: string;
  readonly method: string;
  /** Address of the TCP peer. */
  readonly peer: string;
  readonly headers: AuthHeaders;
}

/** Who is calling, from where, how often: checks 3 to 6 of security.md, the same for every door. */
export class Authenticator {
  private readonly rate: RateLimiterMemory;

  constructor(
    private readonly options: {
      policies: PolicyCache;
      db: pg.Pool;
      config: Config;
      clock: Clock;
      log: Logger;
      trustedProxies: readonly IpRange[];
    },
  ) {
    this.rate = new RateLimiterMemory({ points: options.config.RATE_LIMIT_PER_SECOND, duration: 1 });
  }

  /**
   * Throws UNAUTHENTICATED, IP_NOT_ALLOWED, BROWSER_NOT_ALLOWED, RATE_LIMITED or SERVICE_UNAVAILABLE.
   * No credential at all is an anonymous caller, who may run nothing but @public fields.
   */
  async authenticate(request: IncomingRequest): Promise<RequestContext> {
    const { headers } = request;
    const clientIp = resolveClientIp(request.peer, headers['x-forwarded-for'], this.options.trustedProxies);
    const isSameOrigin = isOwnOrigin(headers, this.options.config.PUBLIC_URL);
    const caller = await this.identify(request, { clientIp, isSameOrigin });
    return {
      requestId: request.requestId,
      clientIp: clientIp?.text ?? null,
      caller,
      responseHeaders: new Map(),
      asked: { operation: null },
      isSameOrigin,
    };
  }

  private async identify(
    request: IncomingRequest,
    { clientIp, isSameOrigin }: { clientIp: IpAddress | null; isSameOrigin: boolean },
  ): Promise<Caller> {
    const secret = readBearer(request.headers);
    if (secret === null) return isSameOrigin ? this.identifyByCookie(request) : ANONYMOUS;
    switch (parseSecretPrefix(secret)) {
      case 'fg_wo_':
      case 'fg_rw_':
        return this.admitKey(await this.findKey(secret), { request, clientIp });
      case 'fg_ss_': {
        const session = await this.findSession(secret);
        if (!session) throw unauthenticated('unknown or ended session');
        return sessionCaller(session);
      }
      default:
        throw unauthenticated('not a credential of this server, or a wrong checksum');
    }
  }

  /** A stale cookie is no credential rather than a bad one: its owner must be able to sign in again. */
  private async identifyByCookie(request: IncomingRequest): Promise<Caller> {
    const token = readSessionCookie(request);
    const session = token && parseSecretPrefix(token) === 'fg_ss_' ? await this.findSession(token) : null;
    return session ? sessionCaller(session) : ANONYMOUS;
  }

  /** The secret is found by its SHA-256, so nothing of it is ever compared byte by byte. */
  private async findKey(secret: string): Promise<KeyPolicy> {
    const key = await this.options.policies.find(hashSecret(secret));
    if (!key) throw unauthenticated('unknown or revoked key');
    if (key.expiresAt && key.expiresAt <= this.options.clock()) throw unauthenticated('expired key');
    return key;
  }

  private async admitKey(
    key: KeyPolicy,
    { request, clientIp }: { request: IncomingRequest; clientIp: IpAddress | null },
  ): Promise<Caller> {
    const verdict = judgeAddress(key, clientIp);
    if (verdict === 'REFUSED') throw addressNotAllowed(clientIp);
    if (verdict === 'OBSERVED') this.options.log.debug({ keyId: key.keyId }, 'address would be refused');
    if (key.credentialKind === 'READ_WRITE_KEY' && isFromBrowser(toBrowserHeaders(request)))
      throw browserNotAllowed();
    await this.requireRate(key.keyId);
    return { kind: key.credentialKind, scopes: key.scopes, workspaceId: key.workspaceId, key };
  }

  private async requireRate(keyId: string): Promise<void> {
    try {
      await this.rate.consume(keyId);
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      throw tooManyRequests(this.options.config.RATE_LIMIT_PER_SECOND, refused.msBeforeNext);
    }
  }

  private async findSession(token: string): Promise<Session | null> {
    const { db, config, clock } = this.options;
    const now = clock();
    const tokenHash = hashSecret(token);
    const session = await findSession(db, { tokenHash, now, idleMinutes: config.SESSION_IDLE_MINUTES });
    if (session && now.getTime() - session.lastUsedAt.getTime() > TOUCH_INTERVAL_MS)
      await touchSession(db, tokenHash, now);
    return session;
  }
}

function sessionCaller(session: Session): Caller {
  return { kind: 'SESSION', scopes: session.scopes, workspaceId: session.workspaceId, session };
}

function toBrowserHeaders({ headers }: IncomingRequest): Parameters<typeof isFromBrowser>[0] {
  return { origin: headers.origin, secFetchSite: headers['sec-fetch-site'] };
}

function tooManyRequests(limit: number, waitMs: number): ApiError {
  const waitSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new ApiError('RATE_LIMITED', 'Too many requests with this key. Wait, then go on.', {
    headers: {
      'retry-after': String(waitSeconds),
      'ratelimit-policy': `"key";q=${limit};w=1`,
      ratelimit: `"key";r=0;t=${waitSeconds}`,
    },
  });
}
