import { EGRESS_PORT } from "./channel-settings.ts";
import type { NetworkRules } from "./network/rules.ts";
import type { Template } from "./templates.ts";

/** Where the system's own programs are. */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Of the user's own; last, so that nothing there stands in for a program of the system. */
const OWN_PATH = "/home/user/.local/bin";

/** What a caller asked for, checked. */
export interface SandboxSpec {
  template: Template;
  metadata: Record<string, string>;
  env: Record<string, string>;
  rules: NetworkRules;
  allowPublicTraffic: boolean;
  maskRequestHost: string | undefined;
  /** What happens at the end of its time. */
  onTimeout: "kill" | "pause";
  /** Whether a pause at the end of its time keeps processes. */
  keepMemory: boolean;
  autoResume: boolean;
}

/** What one is that waits for a caller: nobody's, and closed on all sides. */
export const unclaimed = (template: Template): SandboxSpec => ({
  template,
  metadata: {},
  env: {},
  rules: { allowOut: [], denyOut: [], allowInternetAccess: false },
  allowPublicTraffic: false,
  maskRequestHost: undefined,
  onTimeout: "kill",
  keepMemory: false,
  autoResume: false,
});

/** What every process inside needs to find the one way out. */
const PROXY = `http://127.0.0.1:${EGRESS_PORT}`;
const PROXY_ENV = {
  HTTP_PROXY: PROXY,
  HTTPS_PROXY: PROXY,
  http_proxy: PROXY,
  https_proxy: PROXY,
  NO_PROXY: "localhost,127.0.0.1",
  no_proxy: "localhost,127.0.0.1",
  NODE_USE_ENV_PROXY: "1",
};

/** PATH inside. */
export const searchPathOf = (template: Template): string =>
  [...template.path, SYSTEM_PATH, OWN_PATH].join(":");

/** The environment of every process of a sandbox; `common` is the host's, for all of them. */
export function environmentOf(
  id: string,
  { template, env }: SandboxSpec,
  common: Record<string, string>,
): Record<string, string> {
  return {
    LANG: "C.UTF-8",
    ...PROXY_ENV,
    ...common,
    ...template.env,
    E2B_SANDBOX: "true",
    E2B_SANDBOX_ID: id,
    E2B_TEMPLATE_ID: template.name,
    ...env,
    PATH: searchPathOf(template),
  };
}
