/** What is known of package registries without asking them: names, and what may be read of which. Pure. */

/** `npm`: for npm, pnpm, Yarn 1 and Bun. `pypi`: an index for pip (PEP 503). */
export const REGISTRY_KINDS = ["npm", "pypi"] as const;
export type RegistryKind = (typeof REGISTRY_KINDS)[number];

export const MAX_REGISTRIES = 20;
/** Scopes that one registry can be for. */
export const MAX_REGISTRY_SCOPES = 30;
/** How a scope is written, and how long it is at most. */
export const REGISTRY_SCOPE = /^@[a-z0-9~-][a-z0-9._~-]*$/;
export const MAX_SCOPE_CHARS = 100;
const MAX_PACKAGE_CHARS = 214;

const NAME = /^[A-Za-z0-9~_-][A-Za-z0-9._~-]*$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.+_~-]*$/;
const ARCHIVE = /\.(?:tgz|tar\.gz|tar\.bz2|whl|zip)$/;
/** What describes a package's file beside it (PEP 658). */
const METADATA = ".metadata";

/** What a sandbox asks a registry for: what describes a package, or one of its files. */
export interface PackageRequest {
  what: "package" | "file";
  /** Below the registry's URL, encoded. */
  path: string;
}

/**
 * Reads what is asked of a registry, from the address below its own: a package's description, or, with npm, one of its
 * files by the usual address. Everything else is no business of a package manager that installs.
 * @param path as it was sent, still encoded, without the `/` at its beginning
 * @returns null where it is neither, or of another scope than the registry is for
 */
export function packageRequest(
  kind: RegistryKind,
  scopes: readonly string[],
  path: string,
): PackageRequest | null {
  let plain: string;
  try {
    plain = decodeURIComponent(path);
  } catch {
    return null;
  }
  if (kind === "pypi") {
    const name = /^([^/]+)\/?$/.exec(plain)?.[1] ?? "";
    return name.length <= MAX_PACKAGE_CHARS && NAME.test(name) ? { what: "package", path: `${name}/` } : null;
  }
  const parts = plain.split("/");
  const scope = parts[0]?.startsWith("@") ? parts.shift() : undefined;
  const [name = "", ...rest] = parts;
  if (scope !== undefined && (!REGISTRY_SCOPE.test(scope.toLowerCase()) || scope.length > MAX_SCOPE_CHARS))
    return null;
  if (!NAME.test(name) || name === "-" || name.length > MAX_PACKAGE_CHARS) return null;
  if (scopes.length > 0 && !scopes.includes(scope?.toLowerCase() ?? "")) return null;
  // A registry takes a scope's slash encoded, in a description's address.
  const described = scope === undefined ? name : `${scope}%2f${name}`;
  if (rest.length === 0) return { what: "package", path: described };
  if (rest.length === 1 && VERSION.test(rest[0] ?? ""))
    return { what: "package", path: `${described}/${encodeURIComponent(rest[0] ?? "")}` };
  // Some repeat the scope before the file's name.
  const [dash, ...file] = rest;
  if (scope !== undefined && file.length === 2 && file[0] === scope) file.shift();
  if (dash !== "-" || file.length !== 1 || !VERSION.test(file[0] ?? "") || !ARCHIVE.test(file[0] ?? ""))
    return null;
  return { what: "file", path: plain.split("/").map(encodeURIComponent).join("/").replaceAll("%40", "@") };
}

/**
 * The part of a file's URL that Studio can stand for, as a registry's description names the file: on the registry's own
 * host, and below its URL or an archive.
 * @param href as it stands there, relative to `page`
 * @returns path and query; null where the file is to be fetched as it is
 */
export function fileOf(href: string, page: string, baseUrl: string): string | null {
  if (!URL.canParse(href, page)) return null;
  const url = new URL(href, page);
  const base = new URL(baseUrl);
  if (url.origin !== base.origin || url.username !== "" || url.password !== "") return null;
  const folder = base.pathname.endsWith("/") ? base.pathname : `${base.pathname}/`;
  if (!url.pathname.startsWith(folder) && !ARCHIVE.test(url.pathname)) return null;
  return `${url.pathname}${url.search}`;
}

/** The file that an address belongs to, whether it asks for the file itself or for what describes it. */
export const fileBehind = (path: string): string =>
  path.endsWith(METADATA) ? path.slice(0, -METADATA.length) : path;

/** Whom an index takes a token from, where nothing else is said. */
export const DEFAULT_INDEX_USER = "__token__";
