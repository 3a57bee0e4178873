import { gitEndpoint } from "#server/git/endpoint.ts";

export const dynamic = "force-dynamic";

export const GET = gitEndpoint;
export const POST = gitEndpoint;
