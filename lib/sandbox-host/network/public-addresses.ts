import { BlockList, isIP } from "node:net";
import { isPublicAddress } from "#net/addresses.ts";

/** An address with a prefix length, as in `10.20.0.0/16`. */
export interface AddressBlock {
  address: string;
  prefix: number;
  family: "ipv4" | "ipv6";
}

/** What no operator can declare public: this machine itself, link-local addresses with their metadata servers, multicast. */
const NEVER = [
  ["0.0.0.0", 8, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["fe80::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
] as const;

const never = new BlockList();
for (const [address, prefix, family] of NEVER) never.addSubnet(address, prefix, family);

/** Reads `address/prefix`; undefined where it is none. */
export function parseAddressBlock(text: string): AddressBlock | undefined {
  const [, address = "", length = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const version = isIP(address);
  const prefix = Number(length);
  if (version === 0 || length === "" || prefix > (version === 4 ? 32 : 128)) return undefined;
  return { address, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}

/** Which addresses sandboxes may reach at all: the public ones, and the blocks that the operator has declared public. */
export class PublicAddresses {
  private readonly declared = new BlockList();

  constructor(declared: readonly AddressBlock[] = []) {
    for (const { address, prefix, family } of declared) this.declared.addSubnet(address, prefix, family);
  }

  has(address: string): boolean {
    if (isPublicAddress(address)) return true;
    const version = isIP(address);
    if (version === 0) return false;
    const family = version === 4 ? "ipv4" : "ipv6";
    // The unspecified address, loopback, and those that carry an IPv4 address, which may be this machine's own.
    if (version === 6 && new URL(`http://[${address.replace(/%.*$/, "")}]`).hostname.startsWith("[::"))
      return false;
    return !never.check(address, family) && this.declared.check(address, family);
  }
}
