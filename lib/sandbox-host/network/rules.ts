import net from "node:net";

/** E2B's word for all destinations. */
export const ALL_TRAFFIC = "0.0.0.0/0";

/** A sandbox's egress rules, as E2B defines them: an allowed entry wins over a denied one. */
export interface NetworkRules {
  /** Host names and `*.` host names, each with a `:port` or without; IP addresses and CIDR blocks. */
  allowOut: readonly string[];
  /** IP addresses and CIDR blocks. */
  denyOut: readonly string[];
  /** What holds for destinations that no entry names. */
  allowInternetAccess: boolean;
}

const NAME = /^(\*\.)?([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/;

interface Block {
  address: string;
  prefix: number;
  family: "ipv4" | "ipv6";
}

function parseBlock(entry: string): Block | undefined {
  const [address = "", prefixText, ...rest] = entry.split("/");
  const version = net.isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  const bits = version === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  return prefix <= bits ? { address, prefix, family: version === 4 ? "ipv4" : "ipv6" } : undefined;
}

/** Lower case, without brackets and without the root's dot. */
export function normalizeHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}

/** An entry's name, and its port where it has one. E2B knows no ports: see COMPATIBILITY.md. */
function nameAndPort(entry: string): { name: string; port: number | undefined } {
  const [, name = entry, port] = /^([^:]*):(\d{1,5})$/.exec(entry) ?? [];
  return { name, port: port === undefined ? undefined : Number(port) };
}

function isNameEntry(entry: string): boolean {
  const { name, port } = nameAndPort(entry);
  if (port !== undefined && (port < 1 || port > 65_535 || net.isIP(name) !== 0)) return false;
  return NAME.test(normalizeHost(name));
}

const coversAll = (entry: string): boolean => entry === ALL_TRAFFIC || entry === "::/0";

/**
 * Says what is wrong with rules that a caller sent, or nothing.
 * As in E2B's API, deny entries are addresses, and names can be allowed only where all else is denied.
 */
export function invalidRules(rules: NetworkRules): string | undefined {
  for (const entry of rules.denyOut) {
    if (!parseBlock(entry)) return `denyOut: '${entry}' is neither an IP address nor a CIDR block`;
  }
  const deniesRest = !rules.allowInternetAccess || rules.denyOut.some(coversAll);
  for (const entry of rules.allowOut) {
    if (parseBlock(entry)) continue;
    if (!isNameEntry(entry)) {
      return `allowOut: '${entry}' is neither a host name, an IP address nor a CIDR block`;
    }
    if (!deniesRest) {
      return `allowOut: names such as '${entry}' need denyOut to contain '${ALL_TRAFFIC}', to block all other traffic`;
    }
  }
  return undefined;
}

/** Whether a host name equals a pattern, or lies below a `*.` pattern. */
export function matchesName(pattern: string, host: string): boolean {
  const wanted = normalizeHost(pattern);
  const name = normalizeHost(host);
  return wanted.startsWith("*.") ? name.endsWith(wanted.slice(1)) : name === wanted;
}

function matchesAddress(entry: string, address: string): boolean {
  if (coversAll(entry)) return true;
  const block = parseBlock(entry);
  const family = net.isIPv4(address) ? "ipv4" : "ipv6";
  if (!block || block.family !== family) return false;
  const list = new net.BlockList();
  list.addSubnet(block.address, block.prefix, block.family);
  return list.check(address, family);
}

/** A destination as it was asked for. */
export interface Destination {
  host: string;
  port: number;
}

/** Whether the rules let a name through, whatever it resolves to. */
export function allowsName(rules: NetworkRules, { host, port }: Destination): boolean {
  return rules.allowOut.some((entry) => {
    if (coversAll(entry)) return true;
    if (parseBlock(entry)) return false;
    const listed = nameAndPort(entry);
    return matchesName(listed.name, host) && (listed.port === undefined || listed.port === port);
  });
}

/** Whether the rules let a name through for itself, or because nothing is denied as a whole. */
export function allowsPublished(rules: NetworkRules, destination: Destination): boolean {
  return allowsName(rules, destination) || (rules.allowInternetAccess && !rules.denyOut.some(coversAll));
}

/** Whether some address of `host` might be allowed, so that it is worth looking up. */
export function mayAllow(rules: NetworkRules, destination: Destination): boolean {
  return (
    allowsPublished(rules, destination) || rules.allowOut.some((entry) => parseBlock(entry) !== undefined)
  );
}

/** Whether the rules let a connection through to an address that the destination's name resolved to. */
export function allowsAddress(rules: NetworkRules, destination: Destination, address: string): boolean {
  if (allowsName(rules, destination)) return true;
  if (rules.allowOut.some((entry) => matchesAddress(entry, address))) return true;
  return rules.allowInternetAccess && !rules.denyOut.some((entry) => matchesAddress(entry, address));
}
