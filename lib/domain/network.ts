import type { Environment } from "./catalog.ts";

/**
 * How far a sandbox may reach. `closed`: Studio and the project's data alone; `listed`: what an admin lists besides;
 * `open`: every public address. Private addresses are never among them.
 */
export const NETWORK_MODES = ["closed", "listed", "open"] as const;
export type NetworkMode = (typeof NETWORK_MODES)[number];

/** Well-known hosts that an admin switches on by one name. Words and hosts are the same for every organization. */
export const NETWORK_PRESETS = [
  {
    id: "npm",
    name: "npm",
    words: "JavaScript packages, for npm, pnpm, Yarn and Bun.",
    hosts: ["registry.npmjs.org", "registry.yarnpkg.com"],
  },
  {
    id: "pypi",
    name: "PyPI",
    words: "Python packages, for pip and uv.",
    hosts: ["pypi.org", "files.pythonhosted.org"],
  },
  {
    id: "crates",
    name: "crates.io",
    words: "Rust packages, for Cargo.",
    hosts: ["crates.io", "index.crates.io", "static.crates.io"],
  },
  {
    id: "go",
    name: "Go modules",
    words: "Go's module proxy and its checksum database.",
    hosts: ["proxy.golang.org", "sum.golang.org"],
  },
  {
    id: "debian",
    name: "Debian and Ubuntu",
    words: "System packages of both distributions.",
    hosts: [
      "deb.debian.org",
      "security.debian.org",
      "archive.ubuntu.com",
      "*.archive.ubuntu.com",
      "security.ubuntu.com",
      "ports.ubuntu.com",
    ],
  },
  {
    id: "github",
    name: "GitHub",
    words: "Repositories, releases and the API.",
    hosts: ["github.com", "api.github.com", "codeload.github.com", "*.githubusercontent.com"],
  },
  {
    id: "gitlab",
    name: "GitLab",
    words: "Repositories and the API of gitlab.com.",
    hosts: ["gitlab.com"],
  },
  {
    id: "bitbucket",
    name: "Bitbucket",
    words: "Repositories and the API.",
    hosts: ["bitbucket.org", "api.bitbucket.org"],
  },
  {
    id: "docker",
    name: "Container registries",
    words: "To pull images from Docker Hub, GitHub and Quay.",
    hosts: [
      "registry-1.docker.io",
      "auth.docker.io",
      "production.cloudflare.docker.com",
      "ghcr.io",
      "pkg-containers.githubusercontent.com",
      "quay.io",
      "*.quay.io",
    ],
  },
] as const;
export type NetworkPreset = (typeof NETWORK_PRESETS)[number]["id"];
export const NETWORK_PRESET_IDS = NETWORK_PRESETS.map(({ id }) => id);

/** What an organization decides for the sandboxes of one environment. Presets and hosts matter while it is `listed`. */
export interface NetworkPolicy {
  mode: NetworkMode;
  presets: NetworkPreset[];
  /** As `parseHost` writes them. */
  hosts: string[];
}

/** A policy as it is stored; `revision` counts its changes, and is 0 where nobody has changed it. */
export interface StoredPolicy extends NetworkPolicy {
  revision: number;
}
export type NetworkPolicies = Record<Environment, StoredPolicy>;

export const DEFAULT_POLICY: NetworkPolicy = {
  mode: "listed",
  presets: ["npm", "pypi", "github"],
  hosts: [],
};

export const MAX_POLICY_HOSTS = 50;
/** Characters of a host name (RFC 1035), and of an entry: with `*.` and a port. */
export const MAX_HOST_CHARS = 253;
export const MAX_HOST_ENTRY_CHARS = MAX_HOST_CHARS + 8;

/** A host that a policy lists. */
export interface ListedHost {
  /** Lower case, without `*.`. */
  name: string;
  /** True where it stands for every name below `name`, and not for `name` itself. */
  wildcard: boolean;
  /** Undefined for every port. */
  port: number | undefined;
}

/** Names by which sandboxes find Studio itself, under every policy. */
const OWN_NAMES = ["studio.internal", "convex.internal"];
const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** Of a real name. What looks like the end of an IP address, in whatever spelling, is none. */
const TOP_LABEL = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

type Parsed = { ok: true; host: ListedHost; entry: string } | { ok: false; fault: string };
const wrong = (fault: string): Parsed => ({ ok: false, fault });

/** What is wrong with a host's name; null where it is one that can be listed. */
function nameFault(name: string, wildcard: boolean): string | null {
  if (name.length > MAX_HOST_CHARS) return `A host name has at most ${MAX_HOST_CHARS} characters.`;
  const labels = name.split(".");
  if (/^\d+(\.\d+){3}$/.test(name))
    return "IP addresses can't be listed. Enter the host's name, such as registry.example.com.";
  if (name === "localhost" || name.endsWith(".localhost"))
    return `${name} is the sandbox itself, which it reaches under every policy.`;
  if (OWN_NAMES.includes(name)) return `${name} is Studio itself, which sandboxes always reach.`;
  if (!labels.every((label) => LABEL.test(label)) || !TOP_LABEL.test(labels.at(-1) ?? ""))
    return "Enter a host name, such as registry.example.com, *.example.com or git.example.com:8443.";
  if (labels.length === 1)
    return wildcard
      ? `*.${name} is too broad. Enter a longer name, such as *.example.${name}.`
      : `Enter the full name of ${name}, such as ${name}.example.com.`;
  return null;
}

/**
 * Reads a host as somebody has typed it: `registry.example.com`, `*.example.com`, either with `:port`.
 * @returns the host with its canonical spelling, or the sentence that says what is wrong
 */
export function parseHost(typed: string): Parsed {
  const text = typed.trim().toLowerCase();
  if (text === "") return wrong("Enter a host name.");
  if (text.length > MAX_HOST_ENTRY_CHARS)
    return wrong(`A host name has at most ${MAX_HOST_CHARS} characters.`);
  if (/^[a-z][a-z0-9+.-]*:\/\//.test(text) || text.includes("/"))
    return wrong("Enter a host name without https:// and without a path.");
  if (text.includes("[") || /:.*:/.test(text))
    return wrong("IP addresses can't be listed. Enter the host's name, such as registry.example.com.");
  const [, star = "", name = "", portText] =
    /^(\*\.)?([^:]*)(?::(.*))?$/.exec(text.replace(/\.(?=$|:)/, "")) ?? [];
  const wildcard = star !== "";
  const port = portText === undefined ? undefined : /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port !== undefined && (port < 1 || port > 65_535))
    return wrong("A port is a whole number from 1 to 65535.");
  const fault = nameFault(name, wildcard);
  if (fault !== null) return wrong(fault);
  const host = { name, wildcard, port };
  return { ok: true, host, entry: entryOf(host) };
}

const entryOf = ({ name, wildcard, port }: ListedHost): string =>
  `${wildcard ? "*." : ""}${name}${port === undefined ? "" : `:${port}`}`;

/**
 * A policy in its canonical form: every host spelled alike, nothing twice.
 * @returns the policy, or the sentence that says what is wrong with it
 */
export function checkPolicy(
  given: NetworkPolicy,
): { ok: true; policy: NetworkPolicy } | { ok: false; fault: string } {
  if (given.hosts.length > MAX_POLICY_HOSTS)
    return {
      ok: false,
      fault: `A policy lists at most ${MAX_POLICY_HOSTS} hosts. Use a wildcard for several.`,
    };
  const hosts: string[] = [];
  for (const typed of given.hosts) {
    const parsed = parseHost(typed);
    if (!parsed.ok) return { ok: false, fault: parsed.fault };
    if (!hosts.includes(parsed.entry)) hosts.push(parsed.entry);
  }
  const presets = NETWORK_PRESET_IDS.filter((id) => given.presets.includes(id));
  return { ok: true, policy: { mode: given.mode, presets, hosts } };
}

/** The hosts that a policy lists beyond Studio's own: those of its presets, then its own. Empty unless `listed`. */
export function listedHosts({ mode, presets, hosts }: NetworkPolicy): ListedHost[] {
  if (mode !== "listed") return [];
  const known = NETWORK_PRESETS.filter(({ id }) => presets.includes(id)).flatMap((preset) => [
    ...preset.hosts,
  ]);
  return [...new Set<string>([...known, ...hosts])].flatMap((entry) => {
    const parsed = parseHost(entry);
    return parsed.ok ? [parsed.host] : [];
  });
}

/**
 * What a sandbox service is asked to let through for a policy, names without a port and with one.
 * @param ports whether the service can hold a name to one port; where it can't, such a name stays closed
 */
export function namesToAllow(policy: NetworkPolicy, { ports }: { ports: boolean }): string[] {
  return listedHosts(policy)
    .filter(({ port }) => ports || port === undefined)
    .map(entryOf);
}

/** Whether a policy lets a sandbox reach a host, as far as the name says: its address must be public besides. */
export function policyAllows(policy: NetworkPolicy, host: string, port: number): boolean {
  if (policy.mode === "open") return true;
  return listedHosts(policy).some(
    (listed) =>
      (listed.port === undefined || listed.port === port) &&
      (listed.wildcard ? host.endsWith(`.${listed.name}`) : host === listed.name),
  );
}

/** The entry that would let a refused host through: with its port, unless that is one of the web's. */
export const entryFor = (host: string, port: number): string =>
  port === 443 || port === 80 ? host : `${host}:${port}`;

const MODE_WORDS: Record<NetworkMode, string> = {
  closed: "Closed: Studio and the project's data only",
  listed: "Listed",
  open: "Open: every public address",
};

/** A policy in a line: "Listed: npm, PyPI, GitHub and 2 hosts". */
export function policyWords({ mode, presets, hosts }: NetworkPolicy): string {
  if (mode !== "listed") return MODE_WORDS[mode];
  const names = NETWORK_PRESETS.filter(({ id }) => presets.includes(id)).map(({ name }) => name);
  const more = hosts.length === 0 ? [] : [`${hosts.length} ${hosts.length === 1 ? "host" : "hosts"}`];
  const parts = [...names, ...more];
  if (parts.length === 0) return "Listed: nothing yet";
  return `Listed: ${parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`}`;
}

/** Why a connection was refused: the organization's policy, an address that is not public, or the operator's list. */
export const REFUSAL_REASONS = ["policy", "private", "operator"] as const;
export type RefusalReason = (typeof REFUSAL_REASONS)[number];

/** How many refused hosts a session's log tells of. */
export const MAX_REFUSED_HOSTS = 100;
