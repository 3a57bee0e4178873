import { type Access, actor, member, service } from "./function-access.ts";

const registry = {
  slug: "house",
  kind: "npm",
  url: "https://npm.example.com/",
  username: "",
  scopes: ["@acme"],
  status: "active",
};

/** The functions of package registries: see functions.ts. */
export const REGISTRY_FUNCTIONS: Record<string, Access> = {
  "registries:list": member("viewer", "settings:read", "own"),
  "registries:forSaving": actor("admin", "settings:write", "own", () => ({ slug: "house" })),
  "registries:save": actor("admin", "settings:write", "own", () => ({
    ...registry,
    sealed: { ciphertext: "c", version: 1, last4: "zzzz" },
    dataKey: { wrapped: "w", kekVersion: 1 },
  })),
  "registries:remove": member("admin", "settings:write", "not_found", () => ({ slug: "house" })),
  "registries:noteTest": actor("admin", "settings:write", "not_found", () => ({
    slug: "house",
    status: "active",
  })),
  "registries:sealed": service(({ organizationId }) => ({ organizationId, slug: "house" })),
  "registries:markRejected": service(({ organizationId }) => ({
    organizationId,
    slug: "house",
    version: 1,
    statusDetail: "d",
  })),
  "registries:forSandbox": service(({ organizationId }) => ({ organizationId })),
  "registries:ofToken": service(() => ({ hash: "h" })),
};
