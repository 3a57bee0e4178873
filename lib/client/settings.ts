import type { z } from "zod";
import type { createApiKeyBody, createApiKeyResponse } from "../contracts/account.ts";
import type { usageResponse } from "../contracts/billing.ts";
import type { ProviderKey, putProviderKeyBody } from "../contracts/providers.ts";
import type { SettingKey } from "../domain/settings.ts";
import { type ApiError, request } from "./api.ts";

export type UsageReport = z.infer<typeof usageResponse>;
/** What a test of a key found, with the key as it is shown. */
export type KeyVerdict = ProviderKey;
export type NewApiKey = z.infer<typeof createApiKeyResponse>;

const keyPath = (provider: string) => `/api/v1/provider-keys/${encodeURIComponent(provider)}`;
/** A save or a test waits for the provider, which has five seconds. */
const TEST_MS = 20_000;

/** Tests a model key and stores it; what the test found is in the answer. */
export async function saveProviderKey(
  provider: string,
  body: z.input<typeof putProviderKeyBody>,
): Promise<KeyVerdict> {
  const saved = await request<{ provider_key: ProviderKey }>("PUT", keyPath(provider), {
    body,
    timeoutMs: TEST_MS,
  });
  return saved.provider_key;
}

/** Tests a stored model key. */
export async function testProviderKey(provider: string): Promise<KeyVerdict> {
  const tested = await request<{ provider_key: ProviderKey }>("POST", `${keyPath(provider)}/test`, {
    body: {},
    timeoutMs: TEST_MS,
  });
  return tested.provider_key;
}

/** Removes a model key. */
export const removeProviderKey = (provider: string) => request<undefined>("DELETE", keyPath(provider));

/** Sets one of the organization's settings. */
export const writeSetting = (key: SettingKey, value: unknown) =>
  request<{ key: string; value: unknown }>("PUT", `/api/v1/settings/${key}`, { body: { value } });

/** Makes an API key; the answer holds the key itself, this once. */
export const createApiKey = (body: z.input<typeof createApiKeyBody>) =>
  request<NewApiKey>("POST", "/api/v1/api-keys", { body });

/** Ends an API key for good. */
export const revokeApiKey = (id: string) =>
  request<undefined>("DELETE", `/api/v1/api-keys/${encodeURIComponent(id)}`);

/** What the model calls of the last days used and cost. */
export const fetchUsage = (days: number) => request<UsageReport>("GET", `/api/v1/usage?days=${days}`);

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
