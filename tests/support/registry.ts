import dns from "node:dns/promises";
import fs from "node:fs";
import { isPublicAddress } from "#net/addresses.ts";

export const REGISTRY = "registry.npmjs.org";
const TRUSTED = [process.env.NODE_EXTRA_CA_CERTS, "/etc/ssl/certs/ca-certificates.crt"];

/** How sandboxes of this machine get to the npm registry. */
export interface WayToRegistry {
  /** Blocks that must be declared public: it may be a mirror on a private network. */
  publicAddresses: string[];
  /** Certificates that it is signed by, where those of every machine may not do. */
  caFile: string | undefined;
}

/** The same as the sandbox host takes it. */
export const hostFlags = ({ publicAddresses, caFile }: WayToRegistry): string[] => [
  ...publicAddresses.flatMap((block) => ["--public-address", block]),
  ...(caFile === undefined ? [] : ["--ca", caFile]),
];

/** Finds out how the registry is reached from here; a sentence where it is not, or where there is no npm to try. */
export async function wayToRegistry(): Promise<WayToRegistry | string> {
  // Sandboxes see the machine's /usr.
  if (!fs.existsSync("/usr/bin/npm")) return "no npm below /usr";
  const addresses = await dns.lookup(REGISTRY, { all: true }).catch(() => []);
  if (addresses.length === 0) return "no npm registry";
  const answer = await fetch(`https://${REGISTRY}/is-number/latest`, {
    signal: AbortSignal.timeout(10_000),
  }).catch(() => null);
  if (!answer?.ok) return "no npm registry that answers";
  const hidden = addresses.filter(({ address }) => !isPublicAddress(address));
  if (hidden.length === 0) return { publicAddresses: [], caFile: undefined };
  return {
    publicAddresses: hidden.map(({ address, family }) => `${address}/${family === 4 ? 32 : 128}`),
    caFile: TRUSTED.find((file) => file !== undefined && fs.existsSync(file)),
  };
}
