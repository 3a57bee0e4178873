import type { z } from "zod";
import type { RouteKey } from "./route.ts";
import { CHECKPOINT_ROUTES } from "./routes/checkpoints.ts";
import { AGENT_ROUTES } from "./routes/agents.ts";
import { BILLING_ROUTES } from "./routes/billing.ts";
import { CHAT_ROUTES } from "./routes/chat.ts";
import { COMMAND_LOGIN_ROUTES } from "./routes/command-login.ts";
import { GIT_ROUTES } from "./routes/git.ts";
import { IDENTITY_ROUTES } from "./routes/identity.ts";
import { LIMIT_ROUTES } from "./routes/limits.ts";
import { MCP_ROUTES } from "./routes/mcp.ts";
import { NOTIFICATION_ROUTES } from "./routes/notifications.ts";
import { OPERATOR_ROUTES } from "./routes/operator.ts";
import { ORGANIZATION_ROUTES } from "./routes/organization.ts";
import { PROJECT_ROUTES } from "./routes/project.ts";
import { PROJECT_CHANGE_ROUTES } from "./routes/project-changes.ts";
import { REGISTRY_ROUTES } from "./routes/registries.ts";
import { RULE_ROUTES } from "./routes/rules.ts";
import { RUN_ROUTES } from "./routes/runs.ts";
import { SAVED_ROUTES } from "./routes/saved.ts";
import { SESSION_ROUTES } from "./routes/sessions.ts";
import { V1_SESSION_ROUTES } from "./routes/sessions-v1.ts";
import { SKILL_ROUTES } from "./routes/skills.ts";
import { SETUP_ROUTES } from "./routes/setup.ts";
import { TOOL_ROUTES } from "./routes/tools.ts";
import { SYSTEM_ROUTES } from "./routes/system.ts";
import { WORKSPACE_ROUTES } from "./routes/workspace.ts";

/** Every route of the API. The handlers, the browser's client, the CLI and the OpenAPI document derive from it. */
export const ROUTES = {
  ...SESSION_ROUTES,
  ...CHECKPOINT_ROUTES,
  ...V1_SESSION_ROUTES,
  ...WORKSPACE_ROUTES,
  ...PROJECT_CHANGE_ROUTES,
  ...TOOL_ROUTES,
  ...SAVED_ROUTES,
  ...RUN_ROUTES,
  ...CHAT_ROUTES,
  ...RULE_ROUTES,
  ...AGENT_ROUTES,
  ...PROJECT_ROUTES,
  ...MCP_ROUTES,
  ...SKILL_ROUTES,
  ...GIT_ROUTES,
  ...REGISTRY_ROUTES,
  ...ORGANIZATION_ROUTES,
  ...BILLING_ROUTES,
  ...LIMIT_ROUTES,
  ...NOTIFICATION_ROUTES,
  ...SETUP_ROUTES,
  ...OPERATOR_ROUTES,
  ...SYSTEM_ROUTES,
  ...COMMAND_LOGIN_ROUTES,
  ...IDENTITY_ROUTES,
};
export type Routes = typeof ROUTES;
export type RouteName = keyof Routes & RouteKey;

type Sent<T> = T extends z.ZodType ? z.input<T> : undefined;
type Checked<T> = T extends z.ZodType ? z.output<T> : undefined;
type Field<N extends RouteName, F extends string> =
  Routes[N] extends Readonly<Record<F, infer T>> ? T : undefined;

/** What a handler gets of a route's request: checked, with defaults. */
export type ParamsOf<N extends RouteName> = Checked<Field<N, "params">>;
export type QueryOf<N extends RouteName> = Checked<Field<N, "query">>;
export type BodyOf<N extends RouteName> = Checked<Field<N, "body">>;
/** What a client sends as the body. */
export type SentBody<N extends RouteName> = Sent<Field<N, "body">>;

/** The JSON of a route's response; undefined where it sends none. */
export type JsonOf<N extends RouteName> = Routes[N]["response"] extends { json: infer T }
  ? Checked<T>
  : undefined;

/** The routes of Studio's own server whose response is JSON, or nothing: no stream has to be read. */
export type CallName = {
  [N in RouteName & `${string} /api/${string}`]: Routes[N]["response"] extends
    | { json: z.ZodType }
    | { status: 204 }
    ? N
    : never;
}[RouteName & `${string} /api/${string}`];

/** What a caller gives for a route: each part where the route has it, required where it cannot be left out. */
export type CallOf<N extends RouteName> = (ParamsOf<N> extends undefined
  ? unknown
  : { params: ParamsOf<N> }) &
  (QueryOf<N> extends undefined ? unknown : { query?: Partial<QueryOf<N>> }) &
  (SentBody<N> extends undefined
    ? unknown
    : Routes[N] extends { bodyOptional: true }
      ? { body?: SentBody<N> }
      : { body: SentBody<N> });
