import { findModel } from "#domain/catalog.ts";
import { openCodeConfig, type OpenCodeSetup } from "#server/sandbox-start/opencode-config.ts";

/** The agent's configuration for the demo model, as a session on it gets it. */
export function demoSetup(url: string): OpenCodeSetup {
  const found = findModel("demo", "demo");
  if (!found) throw new Error("the catalog has no demo model");
  const { provider, model } = found;
  return openCodeConfig(
    { route: "demo", name: provider.name, modelId: model.apiId, model },
    { kind: "gateway", url },
  );
}
