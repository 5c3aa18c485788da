import { hash, verify } from '@node-rs/argon2';
import { unavailable } from '../errors';
import { isLongerThan } from '../lib/text';
import { MAX_PASSWORD_LENGTH } from './member.rules';

/** Argon2id (the library's default algorithm) with OWASP's smallest parameters: 19 MiB and about 20 ms a run. */
const PARAMETERS = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hash of a random text that nobody knows, for accounts that do not exist. */
const NOBODY =
  '$argon2id$v=19$m=19456,t=2,p=1$cGYjMG7snum90IZRmV0cCg$HQBwaB4THiS5XGBLkEKuIxs8dlg/iAJ02jweKflZBCk';

/** Node has four threads for this, for DNS and for files: two must stay free for the rest. */
const MAX_AT_ONCE = 2;
/** What is done within some 200 ms. */
const MAX_WAITING = 16;

/** Hashes passwords, a few at a time: a flood of sign-ins must take neither the memory nor the threads of the server. */
export class PasswordHasher {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /** PHC string. Throws SERVICE_UNAVAILABLE. */
  hash(password: string): Promise<string> {
    return this.inTurn(() => hash(toBytes(password), PARAMETERS));
  }

  /**
   * `null` stands for an account that does not exist: it never matches and takes as long. So does a password that is
   * too long to have been set. Throws SERVICE_UNAVAILABLE.
   */
  async verify(passwordHash: string | null, password: string): Promise<boolean> {
    // The normal form of a long text can take seconds: its combining marks are sorted in quadratic time.
    const isTooLong = isLongerThan(password, MAX_PASSWORD_LENGTH);
    const hashed = isTooLong ? null : passwordHash;
    const bytes = toBytes(isTooLong ? '' : password);
    const matches = await this.inTurn(() => verify(hashed ?? NOBODY, bytes));
    return matches && hashed !== null;
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < MAX_AT_ONCE) this.running += 1;
    else await this.waitForTurn();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private waitForTurn(): Promise<void> {
    if (this.waiting.length >= MAX_WAITING)
      throw unavailable('Too many people are signing in at once. Try again.');
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

/** One password, however the keyboard composes its characters (NIST SP 800-63B asks for a normal form). */
function toBytes(password: string): Buffer {
  return Buffer.from(password.normalize('NFKC'));
}
