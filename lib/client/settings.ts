import type { ProviderKey } from "#contracts/providers.ts";
import type { JsonOf, SentBody } from "#contracts/routes.ts";
import type { Environment } from "#domain/catalog.ts";
import type { SettingKey } from "#domain/settings.ts";
import { type ApiError, call } from "./api.ts";

export type UsageReport = JsonOf<"GET /api/v1/usage">;
/** What a test of a key found, with the key as it is shown. */
export type KeyVerdict = ProviderKey;
export type RetentionPreview = JsonOf<"GET /api/v1/retention-preview">;
export type NewApiKey = JsonOf<"POST /api/v1/api-keys">;

/** A save or a test waits for the provider, which has five seconds. */
const TEST_MS = 20_000;

/** Tests a model key and stores it; what the test found is in the response. */
export async function saveProviderKey(
  provider: string,
  body: SentBody<"PUT /api/v1/provider-keys/{provider}">,
): Promise<KeyVerdict> {
  const given = { params: { provider }, body, timeoutMs: TEST_MS };
  return (await call("PUT /api/v1/provider-keys/{provider}", given)).provider_key;
}

/** Tests a stored model key. */
export async function testProviderKey(provider: string): Promise<KeyVerdict> {
  const given = { params: { provider }, timeoutMs: TEST_MS };
  return (await call("POST /api/v1/provider-keys/{provider}/test", given)).provider_key;
}

/** Removes a model key. */
export const removeProviderKey = async (provider: string) =>
  await call("DELETE /api/v1/provider-keys/{provider}", { params: { provider } });

/** Sets one of the organization's settings. */
export const writeSetting = async (key: SettingKey, value: unknown) =>
  await call("PUT /api/v1/settings/{key}", { params: { key }, body: { value } });

/** What would go now if logs were kept for so many days. */
export const previewRetention = async (days: number) =>
  await call("GET /api/v1/retention-preview", { query: { days } });

/** Lets the operator read the organization's sessions for some hours. */
export const grantSupportAccess = async (body: SentBody<"POST /api/v1/support-access">) =>
  await call("POST /api/v1/support-access", { body });

/** Ends that at once. */
export const endSupportAccess = async () => await call("DELETE /api/v1/support-access");

/** Saves a variable of the sandboxes' environment; without a value the one before stays. */
export const saveVariable = async (name: string, body: SentBody<"PUT /api/v1/variables/{name}">) =>
  await call("PUT /api/v1/variables/{name}", { params: { name }, body });

/** Removes a variable. */
export const removeVariable = async ({
  name,
  environment,
}: {
  name: string;
  environment: Environment | null;
}) =>
  await call("DELETE /api/v1/variables/{name}", {
    params: { name },
    query: environment === null ? {} : { environment },
  });

/** Tests a git connection and stores it; without a token the one before stays. */
export const saveGitConnection = async (
  connection: string,
  body: SentBody<"PUT /api/v1/git/connections/{connection}">,
) =>
  await call("PUT /api/v1/git/connections/{connection}", {
    params: { connection },
    body,
    timeoutMs: 2 * TEST_MS,
  });

/** Tests a stored git connection. */
export const testGitConnection = async (connection: string) =>
  await call("POST /api/v1/git/connections/{connection}/test", {
    params: { connection },
    timeoutMs: 2 * TEST_MS,
  });

/** Makes the secret that a connection's host signs webhooks with: shown this once. */
export const makeGitWebhook = async (connection: string) =>
  await call("POST /api/v1/git/connections/{connection}/webhook", { params: { connection } });

/** Takes no more webhooks for a connection. */
export const removeGitWebhook = async (connection: string) =>
  await call("DELETE /api/v1/git/connections/{connection}/webhook", { params: { connection } });

/** Removes a git connection. */
export const removeGitConnection = async (connection: string) =>
  await call("DELETE /api/v1/git/connections/{connection}", { params: { connection } });

/** Tests a package registry and stores it; without a token the one before stays. */
export const saveRegistry = async (registry: string, body: SentBody<"PUT /api/v1/registries/{registry}">) =>
  await call("PUT /api/v1/registries/{registry}", { params: { registry }, body, timeoutMs: 2 * TEST_MS });

/** Tests a stored package registry. */
export const testRegistry = async (registry: string) =>
  await call("POST /api/v1/registries/{registry}/test", { params: { registry }, timeoutMs: 2 * TEST_MS });

/** Removes a package registry. */
export const removeRegistry = async (registry: string) =>
  await call("DELETE /api/v1/registries/{registry}", { params: { registry } });

/** Replaces an environment's network policy. */
export const writeNetworkPolicy = async (
  environment: Environment,
  body: SentBody<"PUT /api/v1/network/{environment}">,
) => await call("PUT /api/v1/network/{environment}", { params: { environment }, body });

/** Adds a host to an environment's network policy. */
export const allowHost = async (environment: Environment, host: string) =>
  await call("POST /api/v1/network/{environment}/hosts", { params: { environment }, body: { host } });

/** What a set-up script prepares. */
export interface SetupPlace {
  environment: Environment;
  scope: string;
}

/** Saves an environment's set-up script. */
export const saveSetup = async (
  environment: Environment,
  body: SentBody<"PUT /api/v1/setup/{environment}">,
) => await call("PUT /api/v1/setup/{environment}", { params: { environment }, body });

/** Has an environment's snapshot built again. */
export const rebuildSetup = async ({ environment, scope }: SetupPlace) =>
  await call("POST /api/v1/setup/{environment}/rebuild", { params: { environment }, query: { scope } });

/** Removes an environment's set-up script and its snapshot. */
export const removeSetup = async ({ environment, scope }: SetupPlace) =>
  await call("DELETE /api/v1/setup/{environment}", { params: { environment }, query: { scope } });

/** Creates an API key; the response holds the key itself, this once. */
export const createApiKey = async (body: SentBody<"POST /api/v1/api-keys">) =>
  await call("POST /api/v1/api-keys", { body });

/** Revokes an API key for good. */
export const revokeApiKey = async (id: string) =>
  await call("DELETE /api/v1/api-keys/{id}", { params: { id } });

/** What the model calls and sandboxes of the last days used and cost. @param by what stands alone beside models */
export const fetchUsage = async (days: number, by?: "member" | "session" | "agent") =>
  await call("GET /api/v1/usage", { query: { days, ...(by && { by }) } });

/**
 * What is wrong with each field, by the field's path (`name`, `models.0.id`): from the list of errors,
 * or from a sentence that begins with the field's name. Empty where it is about none of them.
 */
export function fieldProblems(error: ApiError): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { path, message } of error.fields) if (path !== "") found[path] ??= message;
  const named = /^([a-z_]+(?:\.\w+)*): (.+)$/s.exec(error.message);
  if (error.fields.length === 0 && error.status === 400 && named?.[1] && named[2]) found[named[1]] = named[2];
  return found;
}
