import { BlockList, isIP } from "node:net";

/** Networks that are not public unicast, from IANA's special-purpose registry (RFC 6890), and multicast. */
const SPECIAL_IPV4 = [
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

/** Inside 2000::/3, the only public part of IPv6: networks that carry IPv4 or have a special purpose. */
const SPECIAL_IPV6 = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const;

const special = new BlockList();
for (const [network, prefix] of SPECIAL_IPV4) special.addSubnet(network, prefix, "ipv4");
for (const [network, prefix] of SPECIAL_IPV6) special.addSubnet(network, prefix, "ipv6");
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");

/**
 * Whether an IP address is one that the whole internet reaches: not loopback, private, link-local, shared, multicast
 * or reserved, and no IPv6 form that carries an IPv4 address. Text that is no address is not public.
 */
export function isPublicAddress(address: string): boolean {
  const plain = address.includes(":") ? address.replace(/%.*$/, "") : address;
  const family = isIP(plain);
  if (family === 4) return !special.check(plain, "ipv4");
  if (family === 6) return globalUnicast.check(plain, "ipv6") && !special.check(plain, "ipv6");
  return false;
}

const metadata = new BlockList();
metadata.addSubnet("169.254.0.0", 16, "ipv4");
metadata.addSubnet("fe80::", 10, "ipv6");
// Amazon's metadata over IPv6.
metadata.addAddress("fd00:ec2::254", "ipv6");

/**
 * Whether an IP address is where machines of a cloud find credentials of their own (link-local, or that cloud's own): no
 * server that people run is there, in no private network either. Text that is no address is not one.
 */
export function isMetadataAddress(address: string): boolean {
  const plain = address.includes(":") ? address.replace(/%.*$/, "") : address;
  const family = isIP(plain);
  return family !== 0 && metadata.check(plain, family === 4 ? "ipv4" : "ipv6");
}
