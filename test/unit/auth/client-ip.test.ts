import { resolveClientIp } from '../../../src/auth/client-ip';
import { parseIpRange, type IpRange } from '../../../src/lib/ip-range';

const TRUSTED = ['10.0.0.0/8', '2001:db8:ffff::/48'].map((text) => parseIpRange(text) as IpRange);

test.each([
  ['without the header the peer', '203.0.113.9', undefined, '203.0.113.9'],
  ['behind a proxy that sends no header the proxy', '10.0.0.1', undefined, '10.0.0.1'],
  ['from a stranger the peer, whatever the header claims', '203.0.113.9', '198.51.100.7', '203.0.113.9'],
  ['from a stranger the peer, also when the header is rubbish', '203.0.113.9', 'rubbish', '203.0.113.9'],
  ['from a proxy the element that it added', '10.0.0.1', '198.51.100.7', '198.51.100.7'],
  [
    'the rightmost element, not what the client wrote before',
    '10.0.0.1',
    '1.1.1.1, 198.51.100.7',
    '198.51.100.7',
  ],
  ['the rightmost that is no proxy', '10.0.0.1', '1.1.1.1, 198.51.100.7, 10.0.0.3,10.0.0.2', '198.51.100.7'],
  ['the leftmost when all are proxies', '10.0.0.1', '10.0.0.4, 10.0.0.3', '10.0.0.4'],
  ['in its canonical form', '10.0.0.1', '2001:DB8:0::1', '2001:db8::1'],
  ['IPv4 when it was mapped into IPv6', '::ffff:203.0.113.9', undefined, '203.0.113.9'],
  ['behind a mapped proxy the element', '::ffff:10.0.0.1', '::ffff:198.51.100.7', '198.51.100.7'],
  ['behind an IPv6 proxy the element', '2001:db8:ffff::1', '198.51.100.7', '198.51.100.7'],
  ['trimmed of spaces and tabs', '10.0.0.1', ' \t198.51.100.7\t ', '198.51.100.7'],
  ['not disturbed by rubbish that does not decide', '10.0.0.1', 'unknown, 198.51.100.7', '198.51.100.7'],
  ['a link-local peer without its zone', 'fe80::1%eth0', undefined, 'fe80::1'],
])('the caller is %s', (_rule, peer, forwardedFor, client) => {
  expect(resolveClientIp(peer, forwardedFor, TRUSTED)?.text).toBe(client);
});

test.each([
  ['a word', '198.51.100.7, unknown'],
  ['nothing', ''],
  ['an empty element', '198.51.100.7, '],
  ['an address with a port', '198.51.100.7:4711'],
  ['an address in brackets', '[2001:db8::1]'],
  ['an address in quotes', '"198.51.100.7"'],
  ['octal', '0306.063.0144.07'],
  ['an address with a zone', 'fe80::1%eth0'],
  ['rubbish behind a proxy', '198.51.100.7, rubbish, 10.0.0.2'],
])('the caller is unknown when the deciding element is %s', (_form, forwardedFor) => {
  expect(resolveClientIp('10.0.0.1', forwardedFor, TRUSTED)).toBeNull();
});

test('by default nobody is trusted, not even this machine', () => {
  expect(resolveClientIp('127.0.0.1', '198.51.100.7', [])?.text).toBe('127.0.0.1');
});

test('a peer without an address is unknown', () => {
  expect(resolveClientIp('', '198.51.100.7', TRUSTED)).toBeNull();
});
