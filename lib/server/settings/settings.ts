import { api } from "#convex/_generated/api.js";
import { settingsSchema } from "#contracts/settings.ts";
import { resolveModel } from "#domain/models.ts";
import type { Principal } from "#domain/principal.ts";
import type { OrganizationSettings, SettingKey } from "#domain/settings.ts";
import { meansOf, providersOf } from "../catalog.ts";
import { dataFor } from "../convex/client.ts";
import { refuse, refuseWith } from "../http/refuse.ts";

type Caller = Exclude<Principal, { kind: "service" }>;

/** The organization's settings, each with its value or its default. */
export async function readSettings(caller: Caller): Promise<OrganizationSettings> {
  return await dataFor(caller).query(api.organizationSettings.get, {});
}

/**
 * Sets one setting of the organization's, and returns its value.
 * @throws HttpError invalid_request | unknown_provider | unknown_model | forbidden
 */
export async function writeSetting<K extends SettingKey>(
  caller: Caller,
  key: K,
  value: unknown,
): Promise<OrganizationSettings[K]> {
  const checked = settingsSchema.shape[key].safeParse(value);
  if (!checked.success) {
    const fault = checked.error.issues[0]?.message ?? "not valid";
    throw refuseWith({ errors: [{ path: "value", message: fault }] }, "setting_invalid", { fault });
  }
  const data = dataFor(caller);
  if (key === "default_model" && checked.data !== null) {
    const { provider, model } = checked.data as { provider: string; model: string };
    const found = resolveModel(provider, model, new Date(), providersOf(await meansOf(caller)));
    if (!found.ok)
      throw found.reason === "unknown_model"
        ? refuse("model_unknown", { provider, model, choices: [] })
        : refuse("provider_unknown", { provider, choices: [] });
  }
  const after = await data.mutation(api.organizationSettings.set, { [key]: checked.data });
  return after[key];
}
