import { judgeAddress, judgeEventName, isFromBrowser } from '../../../src/auth/authorize';
import type { Caller, KeyPolicy } from '../../../src/auth/caller';
import { KEY_SCOPES } from '../../../src/auth/scopes';
import { parseIpAddress, parseIpRange, type IpRange } from '../../../src/lib/ip-range';

function givenKeyPolicy(change: {
  ipAccess?: Partial<KeyPolicy['ipAccess']>;
  allowedEvents?: Partial<KeyPolicy['allowedEvents']>;
}): KeyPolicy {
  return {
    keyId: 'k',
    workspaceId: 'w',
    credentialKind: 'WRITE_ONLY_KEY',
    scopes: KEY_SCOPES.WRITE_ONLY,
    expiresAt: null,
    ipAccess: { mode: 'ANYWHERE', enforcement: 'ENFORCE', ranges: [], ...change.ipAccess },
    allowedEvents: { mode: 'ALL', enforcement: 'ENFORCE', names: new Set(), ...change.allowedEvents },
  };
}

describe('an address', () => {
  const ranges = ['192.0.2.0/24', '2001:db8::/32'].map((text) => parseIpRange(text) as IpRange);
  const judge = (ip: string, ipAccess: Partial<KeyPolicy['ipAccess']>) =>
    judgeAddress(givenKeyPolicy({ ipAccess }), parseIpAddress(ip));

  test.each(['192.0.2.1', '::ffff:192.0.2.1', '2001:db8::1'])('inside a range is allowed: %s', (ip) => {
    expect(judge(ip, { mode: 'SPECIFIC_LOCATIONS', ranges })).toBe('ALLOWED');
  });

  test.each(['192.0.3.1', '2001:db9::1', '::1', 'garbage'])('outside every range is refused: %s', (ip) => {
    expect(judge(ip, { mode: 'SPECIFIC_LOCATIONS', ranges })).toBe('REFUSED');
  });

  test('is refused by an empty list, as it never means Anywhere', () => {
    expect(judge('192.0.2.1', { mode: 'SPECIFIC_LOCATIONS', ranges: [] })).toBe('REFUSED');
  });

  test('is let through and reported in mode OBSERVE', () => {
    expect(judge('10.0.0.1', { mode: 'SPECIFIC_LOCATIONS', ranges, enforcement: 'OBSERVE' })).toBe(
      'OBSERVED',
    );
  });

  test('does not matter when the mode is ANYWHERE, whatever the list says', () => {
    expect(judge('10.0.0.1', { mode: 'ANYWHERE', ranges })).toBe('ALLOWED');
  });
});

describe('an event name', () => {
  const judge = (name: string, allowedEvents: Partial<KeyPolicy['allowedEvents']>) => {
    const key = givenKeyPolicy({ allowedEvents });
    return judgeEventName({ kind: 'WRITE_ONLY_KEY', workspaceId: 'w', scopes: key.scopes, key }, name);
  };

  test('on the list is allowed, another is refused', () => {
    const names = new Set(['signup']);
    expect(['signup', 'Signup', 'signup '].map((name) => judge(name, { mode: 'SPECIFIC', names }))).toEqual([
      'ALLOWED',
      'REFUSED',
      'REFUSED',
    ]);
  });

  test('is refused by an empty list and by a caller without a credential', () => {
    expect(judge('signup', { mode: 'SPECIFIC' })).toBe('REFUSED');
    expect(judgeEventName({ kind: 'ANONYMOUS', scopes: new Set() } satisfies Caller, 'signup')).toBe(
      'REFUSED',
    );
  });

  test('is let through and reported in mode OBSERVE', () => {
    expect(judge('other', { mode: 'SPECIFIC', enforcement: 'OBSERVE' })).toBe('OBSERVED');
  });
});

test("a browser gives itself away; Node's fetch, which sends Sec-Fetch-Mode alone, does not count as one", () => {
  expect(isFromBrowser({ origin: 'https://shop.example', secFetchSite: undefined })).toBe(true);
  expect(isFromBrowser({ origin: undefined, secFetchSite: 'same-origin' })).toBe(true);
  expect(isFromBrowser({ origin: undefined, secFetchSite: undefined })).toBe(false);
});
