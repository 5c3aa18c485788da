import type pg from 'pg';
import type { Clock } from '../clock';
import type { Config } from '../config';
import { ApiError } from '../errors';
import type { IpAddress, IpRange } from '../lib/ip-range';
import { digestSecret, hashSecret, parseSecretPrefix } from '../lib/secret';
import type { Logger } from '../log';
import { addressNotAllowed, browserNotAllowed, isFromBrowser, judgeAddress } from './authorize';
import { unauthenticated, type Caller, type KeyPolicy, type RequestContext, type Session } from './caller';
import { resolveClientIp } from './client-ip';
import { KeyRate } from './key-rate';
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
  private readonly rate: KeyRate;

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
    this.rate = new KeyRate(options.config.RATE_LIMIT_PER_SECOND);
  }

  /**
   * Throws UNAUTHENTICATED, IP_NOT_ALLOWED, BROWSER_NOT_ALLOWED, RATE_LIMITED or SERVICE_UNAVAILABLE.
   * No credential at all is an anonymous caller, who may run nothing but @public fields.
   *
   * Runs on every event: for a key in memory it waits for nothing, and its parts are plain calls.
   */
  async authenticate(request: IncomingRequest): Promise<RequestContext> {
    const { headers, requestId } = request;
    const { trustedProxies, config } = this.options;
    const clientIp = resolveClientIp(request.peer, headers['x-forwarded-for'], trustedProxies);
    const isSameOrigin = isOwnOrigin(headers, config.PUBLIC_URL);
    const secret = readBearer(headers);
    const kind = secret === null ? null : parseSecretPrefix(secret);
    let caller: Caller;
    if (secret === null) {
      caller = isSameOrigin ? await this.identifyByCookie(request) : ANONYMOUS;
    } else if (kind === 'fg_wo_' || kind === 'fg_rw_') {
      const digest = digestSecret(secret);
      const { policies } = this.options;
      const key = policies.findInMemory(digest) ?? (await policies.find(digest));
      caller = this.admitKey(key, { headers, clientIp });
    } else if (kind === 'fg_ss_') {
      caller = await this.identifyBySession(secret);
    } else {
      throw unauthenticated('not a credential of this server, or a wrong checksum');
    }
    return {
      requestId,
      clientIp: clientIp?.text ?? null,
      caller,
      responseHeaders: new Map(),
      asked: { operation: null },
      isSameOrigin,
    };
  }

  private async identifyBySession(token: string): Promise<Caller> {
    const session = await this.findSession(token);
    if (!session) throw unauthenticated('unknown or ended session');
    return sessionCaller(session);
  }

  /** A stale cookie is no credential rather than a bad one: its owner must be able to sign in again. */
  private async identifyByCookie(request: IncomingRequest): Promise<Caller> {
    const token = readSessionCookie(request);
    const session = token && parseSecretPrefix(token) === 'fg_ss_' ? await this.findSession(token) : null;
    return session ? sessionCaller(session) : ANONYMOUS;
  }

  /** The policy was found by the secret's SHA-256, so nothing of the secret is ever compared byte by byte. */
  private admitKey(
    key: KeyPolicy | null,
    { headers, clientIp }: { headers: AuthHeaders; clientIp: IpAddress | null },
  ): Caller {
    const { clock, log } = this.options;
    if (!key) throw unauthenticated('unknown or revoked key');
    if (key.expiresAt && key.expiresAt <= clock()) throw unauthenticated('expired key');
    const verdict = judgeAddress(key, clientIp);
    if (verdict === 'REFUSED') throw addressNotAllowed(clientIp);
    if (verdict === 'OBSERVED') log.debug({ keyId: key.keyId }, 'address would be refused');
    if (key.credentialKind === 'READ_WRITE_KEY' && isFromBrowser(toBrowserHeaders(headers)))
      throw browserNotAllowed();
    this.requireRate(key.keyId);
    return { kind: key.credentialKind, scopes: key.scopes, workspaceId: key.workspaceId, key };
  }

  private requireRate(keyId: string): void {
    const waitMs = this.rate.consume(keyId);
    if (waitMs > 0) throw tooManyRequests(this.options.config.RATE_LIMIT_PER_SECOND, waitMs);
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

function toBrowserHeaders(headers: AuthHeaders): Parameters<typeof isFromBrowser>[0] {
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
