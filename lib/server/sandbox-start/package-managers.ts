import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import type { RegistryKind } from "#domain/registries.ts";
import { serviceData } from "../convex/client.ts";
import { addresses } from "./addresses.ts";

const HOME = "/home/user";
/** What package managers read by themselves: npm, pnpm, Yarn 1 and Bun the first, pip the second. */
const NPMRC = `${HOME}/.npmrc`;
const PIP_CONF = `${HOME}/.config/pip/pip.conf`;
export const PACKAGE_FILES = [NPMRC, PIP_CONF];

interface Known {
  slug: string;
  kind: RegistryKind;
  scopes: readonly string[];
}

function npmrcOf(registries: readonly Known[], studioUrl: string, token: string): string {
  const lines = registries.flatMap(({ slug, scopes }) => {
    const url = `${studioUrl}/api/registry/${slug}/`;
    const names = scopes.length === 0 ? ["registry"] : scopes.map((scope) => `${scope}:registry`);
    return [...names.map((name) => `${name}=${url}`), `${url.replace(/^https?:/, "")}:_authToken=${token}`];
  });
  return [
    ...lines,
    // A lockfile is for others too, who do not reach the sandbox's way to a registry.
    "omit-lockfile-registry-resolved=true",
    // The way leads to packages, and to no reports about them.
    ...(registries.some(({ scopes }) => scopes.length === 0) ? ["audit=false"] : []),
    "",
  ].join("\n");
}

function pipConfOf({ slug }: Known, studioUrl: string, token: string): string {
  const url = new URL(`${studioUrl}/api/registry/${slug}/`);
  url.username = "sandbox";
  url.password = token;
  // Pip takes nothing over plain HTTP from a host that is not named; locally the sandbox's way to Studio is that.
  const trusted = url.protocol === "http:" ? [`trusted-host = ${url.hostname}`] : [];
  return ["[global]", `index-url = ${url.href}`, ...trusted, ""].join("\n");
}

/**
 * The settings by which a sandbox's package managers find an organization's own registries: through Studio, with the
 * sandbox's own token; none where it has no registry.
 */
export async function packageFiles(
  organizationId: Id<"organizations">,
  token: string,
): Promise<{ path: string; data: string }[]> {
  const registries = await serviceData().query(api.registries.forSandbox, { organizationId });
  const { studioUrl } = addresses();
  const npm = registries.filter(({ kind }) => kind === "npm");
  const index = registries.find(({ kind }) => kind === "pypi");
  return [
    ...(npm.length > 0 ? [{ path: NPMRC, data: npmrcOf(npm, studioUrl, token) }] : []),
    ...(index ? [{ path: PIP_CONF, data: pipConfOf(index, studioUrl, token) }] : []),
  ];
}
