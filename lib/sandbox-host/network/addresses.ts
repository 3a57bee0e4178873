import net from "node:net";

/** IPv4 ranges that are not public unicast, from IANA's special-purpose registry (RFC 6890), and multicast. */
const RESERVED_IPV4 = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const;

/** Inside 2000::/3, the only public part of IPv6: ranges that carry IPv4 or are for special purposes. */
const RESERVED_IPV6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const reserved = new net.BlockList();
for (const [address, prefix] of RESERVED_IPV4) reserved.addSubnet(address, prefix, "ipv4");
for (const [address, prefix] of RESERVED_IPV6) reserved.addSubnet(address, prefix, "ipv6");
const globalIpv6 = new net.BlockList();
globalIpv6.addSubnet("2000::", 3, "ipv6");

/**
 * Whether an IP address is one that the whole internet reaches: not loopback, private, link-local, shared,
 * multicast or reserved, and no IPv6 form that carries an IPv4 address. Text that is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (net.isIPv4(address)) return !reserved.check(address, "ipv4");
  if (!net.isIPv6(address)) return false;
  return globalIpv6.check(address, "ipv6") && !reserved.check(address, "ipv6");
}
