import {
  isInRange,
  parseIpAddress,
  parseIpRange,
  type IpAddress,
  type IpRange,
} from '../../../src/lib/ip-range';

function getAddress(text: string): IpAddress {
  const address = parseIpAddress(text);
  if (!address) throw new Error('no address');
  return address;
}

function getRange(text: string): IpRange {
  const range = parseIpRange(text);
  if ('fault' in range) throw new Error(range.fault);
  return range;
}

describe('an address', () => {
  test.each([
    ['203.0.113.9', 4, 0xcb007109n, '203.0.113.9'],
    ['0.0.0.0', 4, 0n, '0.0.0.0'],
    ['255.255.255.255', 4, 0xffffffffn, '255.255.255.255'],
    ['::', 6, 0n, '::'],
    ['::1', 6, 1n, '::1'],
    ['2001:DB8:0:0:0:0:0:A', 6, 0x20010db800000000000000000000000an, '2001:db8::a'],
    ['2001:db8::0001', 6, 0x20010db8000000000000000000000001n, '2001:db8::1'],
    ['64:ff9b::203.0.113.9', 6, 0x64ff9b0000000000000000cb007109n, '64:ff9b::cb00:7109'],
  ])('%s is read as a number of its family', (text, family, value, canonical) => {
    expect(parseIpAddress(text)).toEqual({ family, value, text: canonical });
  });

  test.each(['::ffff:203.0.113.9', '::FFFF:CB00:7109', '0:0:0:0:0:ffff:203.0.113.9'])(
    'mapped into IPv6 (%s) is the IPv4 address',
    (text) => {
      expect(parseIpAddress(text)).toEqual(parseIpAddress('203.0.113.9'));
    },
  );

  test.each(['::203.0.113.9', '::ffff:0:203.0.113.9', '64:ff9b::203.0.113.9'])(
    'that carries an IPv4 address in another way (%s) stays IPv6',
    (text) => {
      expect(getAddress(text).family).toBe(6);
    },
  );

  test.each([
    ['empty', ''],
    ['a name', 'localhost'],
    ['octal', '010.1.1.1'],
    ['zero-padded', '203.0.113.09'],
    ['two zeros', '00.0.0.0'],
    ['short', '127.1'],
    ['an integer', '2130706433'],
    ['hexadecimal', '0x7f.0.0.1'],
    ['a hexadecimal integer', '0x7f000001'],
    ['out of range', '256.0.0.1'],
    ['five parts', '1.2.3.4.5'],
    ['an empty part', '1..2.3'],
    ['a trailing dot', '1.2.3.4.'],
    ['a leading space', ' 1.2.3.4'],
    ['a trailing space', '1.2.3.4 '],
    ['a trailing newline', '1.2.3.4\n'],
    ['a NUL', '1.2.3.4\0'],
    ['a sign', '+1.2.3.4'],
    ['a port', '1.2.3.4:80'],
    ['a prefix', '1.2.3.4/32'],
    ['full-width digits', '\uff11.2.3.4'],
    ['brackets', '[::1]'],
    ['brackets and a port', '[::1]:80'],
    ['a zone', 'fe80::1%eth0'],
    ['an empty zone', 'fe80::1%'],
    ['two gaps', '1::2::3'],
    ['three colons', ':::'],
    ['one colon', ':'],
    ['a leading colon', ':1:2:3:4:5:6:7'],
    ['a trailing colon', '1:2:3:4:5:6:7:'],
    ['seven groups', '1:2:3:4:5:6:7'],
    ['nine groups', '1:2:3:4:5:6:7:8:9'],
    ['a group of five digits', '00001::'],
    ['a letter beyond f', '::g'],
    ['octal in a mapped address', '::ffff:010.1.1.1'],
    ['a short mapped address', '::ffff:127.1'],
    ['dots in front', '1.2.3.4::'],
  ])('is refused when it is written as %s', (_form, text) => {
    expect(parseIpAddress(text)).toBeNull();
  });
});

describe('a range', () => {
  test.each([
    [
      '203.0.113.0/24',
      { text: '203.0.113.0/24', family: 4, first: 0xcb007100n, last: 0xcb0071ffn, prefix: 24 },
    ],
    ['128.0.0.0/1', { text: '128.0.0.0/1', family: 4, first: 0x80000000n, last: 0xffffffffn, prefix: 1 }],
    ['203.0.113.9', { text: '203.0.113.9', family: 4, first: 0xcb007109n, last: 0xcb007109n, prefix: 32 }],
    ['203.0.113.9/32', { text: '203.0.113.9', family: 4, first: 0xcb007109n, last: 0xcb007109n, prefix: 32 }],
    ['::1/128', { text: '::1', family: 6, first: 1n, last: 1n, prefix: 128 }],
    [
      '2001:DB8:0::/48',
      {
        text: '2001:db8::/48',
        family: 6,
        first: 0x20010db8n << 96n,
        last: (0x20010db80001n << 80n) - 1n,
        prefix: 48,
      },
    ],
  ])('%s has two ends and a canonical text', (text, range) => {
    expect(parseIpRange(text)).toEqual(range);
  });

  test.each([
    ['::ffff:203.0.113.9', '203.0.113.9'],
    ['::ffff:203.0.113.9/128', '203.0.113.9'],
    ['::ffff:203.0.113.0/120', '203.0.113.0/24'],
    ['::ffff:128.0.0.0/97', '128.0.0.0/1'],
  ])('mapped into IPv6 (%s) is the IPv4 range', (text, canonical) => {
    expect(parseIpRange(text)).toEqual(parseIpRange(canonical));
  });

  test.each(['0.0.0.0/0', '::/0', '::ffff:0:0/96'])(
    'of every address (%s) is refused and Anywhere is named',
    (text) => {
      expect(parseIpRange(text)).toEqual({ fault: 'covers every address: use Anywhere instead' });
    },
  );

  test.each([
    '10.0.0.1/8',
    '203.0.113.9/31',
    '2001:db8::1/64',
    '::ffff:10.0.0.1/104',
    '::ffff:0:0/95',
    '::ffff:10.0.0.0/8',
  ])('with bits beyond its prefix (%s) is refused', (text) => {
    expect(parseIpRange(text)).toEqual({ fault: 'has host bits beyond the prefix' });
  });

  test.each([
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/08',
    '10.0.0.0/-8',
    '10.0.0.0/+8',
    '10.0.0.0/8.0',
    '10.0.0.0/ 8',
    '10.0.0.0/0x8',
    '10.0.0.0/1e1',
    '10.0.0.0/255.0.0.0',
  ])('with a bad prefix (%s) is refused', (text) => {
    expect(parseIpRange(text)).toEqual({ fault: 'has a prefix that is not a whole number from 1 to 32' });
  });

  test('of IPv6 has a prefix of at most 128', () => {
    expect(parseIpRange('2001:db8::/129')).toEqual({
      fault: 'has a prefix that is not a whole number from 1 to 128',
    });
  });

  test.each([
    '',
    '/',
    '/8',
    '10.0.0.0/8/8',
    '10.0.0.0-10.0.0.9',
    '10.0.0.*',
    '10/8',
    'fe80::%eth0/64',
    ' 10.0.0.0/8',
    'anywhere',
  ])('that is none (%j) is refused', (text) => {
    expect(parseIpRange(text)).toEqual({ fault: 'is neither an IPv4 or IPv6 address nor a CIDR range' });
  });
});

describe('membership', () => {
  test.each([
    ['203.0.113.0', '203.0.113.0/24', true],
    ['203.0.113.255', '203.0.113.0/24', true],
    ['203.0.112.255', '203.0.113.0/24', false],
    ['203.0.114.0', '203.0.113.0/24', false],
    ['203.0.113.9', '203.0.113.9', true],
    ['::ffff:203.0.113.9', '203.0.113.0/24', true],
    ['203.0.113.9', '::ffff:203.0.113.0/120', true],
    ['2001:db8::ffff', '2001:db8::/112', true],
    ['2001:db8::1:0', '2001:db8::/112', false],
  ])('of %s in %s is %s', (address, range, isInside) => {
    expect(isInRange(getAddress(address), getRange(range))).toBe(isInside);
  });

  test.each(['::/1', '::/64', '::/80', '::fffe:0:0/95'])(
    'never holds for an IPv4 address in %s, where the mapped block lies',
    (range) => {
      expect(isInRange(getAddress('203.0.113.9'), getRange(range))).toBe(false);
      expect(isInRange(getAddress('::ffff:203.0.113.9'), getRange(range))).toBe(false);
    },
  );

  test('does not confuse ::1 with 0.0.0.1', () => {
    expect(isInRange(getAddress('0.0.0.1'), getRange('::1'))).toBe(false);
    expect(isInRange(getAddress('::1'), getRange('0.0.0.1'))).toBe(false);
  });
});
