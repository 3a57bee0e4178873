import { z } from "zod";
import { LIMITS } from "#domain/limits.ts";
import { boundedText } from "../limits.ts";
import { putRegistryBody, registriesResponse, registryResponse } from "../registries.ts";
import { idParam, type RouteTable } from "../route.ts";

const named = z.object({ registry: idParam });
const admin = { scope: "settings:write" } as const;

export const REGISTRY_ROUTES = {
  "GET /api/v1/registries": {
    id: "listRegistries",
    tag: "Registries",
    summary: "List package registries",
    description: "The organization's own, without their credentials.",
    access: { scope: "settings:read" },
    response: { status: 200, json: registriesResponse },
  },
  "PUT /api/v1/registries/{registry}": {
    id: "saveRegistry",
    tag: "Registries",
    summary: "Save a package registry",
    description:
      "Tests the credential against the registry, and stores it encrypted. One that is refused is stored too, with `status` of `error`. New sandboxes install from it through Studio; their files have a token of their session's alone.",
    access: admin,
    params: z.object({
      registry: boundedText(LIMITS.gitConnection).describe("Small letters, digits and `-`, as you like."),
    }),
    body: putRegistryBody,
    example: { kind: "npm", url: "https://npm.example.com", token: "a-token", scopes: ["@acme"] },
    response: { status: 200, json: registryResponse },
    errors: ["key_unreadable"],
  },
  "DELETE /api/v1/registries/{registry}": {
    id: "removeRegistry",
    tag: "Registries",
    summary: "Remove a package registry",
    description: "Sandboxes can no longer install from it.",
    access: admin,
    params: named,
    response: { status: 204 },
  },
  "POST /api/v1/registries/{registry}/test": {
    id: "testRegistry",
    tag: "Registries",
    summary: "Test a package registry",
    access: admin,
    params: named,
    response: { status: 200, json: registryResponse },
    errors: ["key_unreadable"],
  },
  "GET /api/registry/{registry}/{path}": {
    id: "readPackage",
    tag: "System",
    summary: "Read a package from a sandbox",
    description:
      "For package managers alone: what describes a package, and its files, as the registry sends them. `path` may have slashes.",
    access: "sandbox",
    params: z.object({ registry: idParam, path: z.string() }),
    response: { status: 200, media: "application/octet-stream", text: "As the registry sends it." },
  },
} as const satisfies RouteTable;
