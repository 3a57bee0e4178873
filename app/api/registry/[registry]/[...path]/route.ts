import { registryEndpoint } from "#server/registries/endpoint.ts";

export const dynamic = "force-dynamic";

export const GET = registryEndpoint;
