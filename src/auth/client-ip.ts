import { isInRange, parseIpAddress, type IpAddress, type IpRange } from '../lib/ip-range';

/**
 * Who is calling (security.md rule 8): the TCP peer, or, when the peer is a trusted proxy, the rightmost element of
 * `X-Forwarded-For` that is not one. What stands left of it is whatever the client wrote. When every element is
 * trusted, the leftmost is the caller. Null when the deciding element is no address.
 */
export function resolveClientIp(
  peer: string,
  forwardedFor: string | undefined,
  trustedProxies: readonly IpRange[],
): IpAddress | null {
  let client = parsePeer(peer);
  const hops = forwardedFor?.split(',') ?? [];
  while (client && isInAnyRange(client, trustedProxies)) {
    const hop = hops.pop();
    if (hop === undefined) break;
    client = parseIpAddress(hop.trim());
  }
  return client;
}

function isInAnyRange(address: IpAddress, ranges: readonly IpRange[]): boolean {
  return ranges.some((range) => isInRange(address, range));
}

/** The kernel adds a zone to link-local peers (`fe80::1%eth0`), which is of this machine and no part of the address. */
function parsePeer(peer: string): IpAddress | null {
  return parseIpAddress(peer.replace(/%.*$/, ''));
}
