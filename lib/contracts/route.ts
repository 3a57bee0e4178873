import { z } from "zod";
import type { Scope } from "#domain/roles.ts";
import type { ProblemCode } from "./problem.ts";

export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;
export type Method = (typeof METHODS)[number];

/** A route's name: its method and its path, with parameters in braces, as in `GET /api/v1/runs/{run_id}`. */
export type RouteKey = `${Method} /${string}`;

/** The groups of the reference, in its order. */
export const TAGS = {
  Sessions: "Start, read, steer and stop sessions.",
  Workspace: "A live session's sandbox: its files, terminals, previews and machine.",
  Runs: "What one message caused: its result, its events, and what it asks of people.",
  Agents: "What agents are told to be, and how far their tools go.",
  Project: "The team's own agents, entity types, roles, triggers and files, by environment.",
  Rules: "What agents may do without a person, may not do, or are asked about.",
  Skills: "Instructions that agents find in their workspace, and that messages can name.",
  Git: "Connections to git servers, and what sessions do with repositories.",
  MCP: "Servers of the Model Context Protocol whose tools agents can use.",
  Registries: "An organization's own package registries.",
  Organization: "Settings, API keys, model keys, the audit log, and exports.",
  Notifications: "What a person is told, and how.",
  Billing: "Credits, the ledger, and usage. Money is integer micro-USD.",
  Operator: "For those alone who run this Studio: to anybody else there are no such routes.",
  System: "Health, this document, and what other systems call.",
  Identity: "The embedded sign-in. With Clerk there are none of these.",
} as const;

/**
 * Who may call: a signed-in member or an API key with this scope; any member or key; anybody; the sandbox of a live
 * session, by its token; a system that signs what it sends; somebody with the embedded driver's own cookie; an operator,
 * by the cookie of their sign-in alone.
 */
export type Access = { scope: Scope } | "member" | "public" | "sandbox" | "signature" | "cookie" | "operator";

/** What a route sends when it succeeds: JSON by a schema, nothing, or a stream or file of a declared media type. */
export type RouteResponse =
  | {
      status: 200 | 201 | 202;
      json: z.ZodType;
      /** The name under which a browser saves it. */
      download?: string;
      /** Other media types that the request can ask for. */
      or?: readonly { media: string; text: string }[];
    }
  | { status: 204 }
  | { status: 200; media: string; text: string };

export interface RouteDeclaration {
  /** Unique, camelCase: the name of the call in generated clients. */
  id: string;
  tag: keyof typeof TAGS;
  summary: string;
  description?: string;
  access: Access;
  params?: z.ZodObject;
  query?: z.ZodObject;
  /** Request headers that change what comes back. */
  headers?: z.ZodObject;
  /** JSON; without it a body is not read. */
  body?: z.ZodType;
  /** With it, a request without a body counts as one with `{}`. */
  bodyOptional?: true;
  /** In place of `body`: one that the handler reads as it comes, of one of these media types. */
  upload?: { media: readonly string[]; text: string };
  /** A body that shows what to send. */
  example?: unknown;
  response: RouteResponse;
  /** Refusals besides those that follow from the rest; see `problemsOf`. */
  errors?: readonly ProblemCode[];
  /** Set where Convex serves the route, at its site's address. */
  at?: "site";
  /** What a request counts against; by default the caller's own quota. */
  quota?: "typing";
}

export type RouteTable = Readonly<Record<RouteKey, RouteDeclaration>>;

/** Every code with which a route may refuse: its own, and those that follow from what it declares. */
export function problemsOf(route: RouteDeclaration): ProblemCode[] {
  const { access, params, query, headers, upload } = route;
  const body = route.body ?? upload;
  const isOperators = access === "operator";
  const asks = access === "member" || typeof access === "object" || isOperators;
  return [
    ...new Set<ProblemCode>([
      ...(asks || query || headers || body ? (["invalid_request"] as const) : []),
      ...(asks && !isOperators ? (["unauthenticated", "forbidden"] as const) : []),
      ...(params || isOperators ? (["not_found"] as const) : []),
      ...(body ? (["too_large", "unsupported_media_type"] as const) : []),
      ...(route.errors ?? []),
      ...(asks ? (["rate_limited", "internal", "unavailable"] as const) : []),
    ]),
  ];
}

/** An id in a path. One that nothing here can have is not found. */
export const idParam = z.string().min(1).max(200);
/** Routes of one session. */
export const sessionParams = z.object({ id: idParam });
/** Who may see sessions, and who may work in them. */
export const SEES_SESSIONS = { scope: "sessions:read" } as const;
export const WORKS_IN_SESSIONS = { scope: "sessions:write" } as const;

/** What a route sends that has done what was asked. */
export const okResponse = z.object({ ok: z.literal(true) });
