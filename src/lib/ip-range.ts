import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** An address as a number. An IPv4-mapped IPv6 address is the IPv4 address in it (security.md rule 9). */
export interface IpAddress {
  readonly family: 4 | 6;
  readonly value: bigint;
  /** Canonical: dotted decimal, or RFC 5952. */
  readonly text: string;
}

/** A network, both ends included. */
export interface IpRange {
  /** Canonical; without a suffix when the range is a single address. */
  readonly text: string;
  readonly family: 4 | 6;
  readonly first: bigint;
  readonly last: bigint;
  readonly prefix: number;
}

/** Why a text is no range. A predicate ("has host bits …") without the text itself. */
export interface IpRangeFault {
  readonly fault: string;
}

const BITS = { 4: 32, 6: 128 } as const;
const MAPPED_BITS = BITS[6] - BITS[4];
const MAPPED = '::ffff:';
const DOTTED_TAIL = /[\d.]+\.\d+$/;
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/** Null for everything but a plain address: no octal, short, hex or integer forms, no zone, port, brackets or spaces. */
export function parseIpAddress(text: string): IpAddress | null {
  // What peers mostly are, and how a socket for both families writes it: a fifth of the time of the general way.
  const dotted = text.startsWith(MAPPED) ? text.slice(MAPPED.length) : text;
  if (isIPv4(dotted)) return toIpv4(dotted.split('.').map(Number), dotted);
  const parsed = parseBytes(text);
  return parsed && toAddress(unmap(parsed));
}

/**
 * An address or a CIDR network. A bare address is a range of one. A mapped network is the IPv4 network in it; any other
 * IPv6 network holds no IPv4 address, even when the mapped block lies inside it.
 */
export function parseIpRange(text: string): IpRange | IpRangeFault {
  const [addressText = '', prefixText, ...rest] = text.split('/');
  const written = parseBytes(addressText);
  if (!written || rest.length > 0) return { fault: 'is neither an IPv4 or IPv6 address nor a CIDR range' };

  const writtenPrefix = parsePrefix(prefixText, written.kind() === 'ipv4' ? 4 : 6);
  if (typeof writtenPrefix !== 'number') return writtenPrefix;

  // A mapped address with a prefix below 96 has the block's ones as host bits, and is refused as such.
  const isMappedNetwork = writtenPrefix >= MAPPED_BITS && isMapped(written);
  const { family, value, text: base } = toAddress(isMappedNetwork ? unmap(written) : written);
  const prefix = isMappedNetwork ? writtenPrefix - MAPPED_BITS : writtenPrefix;
  if (prefix === 0) return { fault: 'covers every address: use Anywhere instead' };

  const hostMask = (1n << BigInt(BITS[family] - prefix)) - 1n;
  if ((value & hostMask) !== 0n) return { fault: 'has host bits beyond the prefix' };
  return {
    text: prefix === BITS[family] ? base : `${base}/${prefix}`,
    family,
    first: value,
    last: value | hostMask,
    prefix,
  };
}

/** Compared as numbers; addresses of the other family are never inside. */
export function isInRange(address: IpAddress, range: IpRange): boolean {
  return address.family === range.family && address.value >= range.first && address.value <= range.last;
}

type Bytes = ipaddr.IPv4 | ipaddr.IPv6;

/** Node's `isIP` is inet_pton and as strict as rule 9, but takes zones; ipaddr.js alone takes 010.1.1.1 and 127.1. */
function parseBytes(text: string): Bytes | null {
  if (isIP(text) === 0 || text.includes('%')) return null;
  return ipaddr.parse(text.includes(':') ? text.replace(DOTTED_TAIL, toHexGroups) : text);
}

/** ipaddr.js takes ::1.2.3.4 for ::ffff:1.2.3.4, which would let a foreign IPv6 address pass for an IPv4 one. */
function toHexGroups(dotted: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function isMapped(address: Bytes): boolean {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
}

function unmap(address: Bytes): Bytes {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function toAddress(address: Bytes): IpAddress {
  if (address instanceof ipaddr.IPv6) {
    const value = address.parts.reduce((sum, part) => (sum << 16n) | BigInt(part), 0n);
    return { family: 6, value, text: address.toRFC5952String() };
  }
  return toIpv4(address.octets, address.toString());
}

/** A plain number until the end: this runs on every request. */
function toIpv4(octets: readonly number[], text: string): IpAddress {
  return { family: 4, value: BigInt(octets.reduce((sum, octet) => sum * 256 + octet, 0)), text };
}

function parsePrefix(text: string | undefined, family: 4 | 6): number | IpRangeFault {
  if (text === undefined) return BITS[family];
  const prefix = Number(text);
  if (PREFIX.test(text) && prefix <= BITS[family]) return prefix;
  return { fault: `has a prefix that is not a whole number from 1 to ${BITS[family]}` };
}
