import { z } from "zod";
import { MODEL_ROWS } from "#domain/catalog.ts";
import { readProviders } from "./snapshot.ts";

/** The providers that agents are told of by these names (lib/server/sandbox-start/opencode-config.ts). */
const PROVIDERS = ["anthropic", "google", "openai", "openrouter"];
const listed = z.looseObject({ models: z.record(z.string(), z.unknown()) });

/**
 * The part of the agent's own list of models that its sessions can be set to, as JSON text. The whole list has over a
 * hundred providers, and going through it takes a third of an agent's start.
 * @param binary OpenCode's executable
 * @throws Error where a provider is not found or has another form
 */
export function agentModels(binary: string): string {
  const ofOpenRouter = new Set(MODEL_ROWS.map(({ openrouterId }) => openrouterId));
  const providers = Object.entries(readProviders(binary, PROVIDERS)).map(([id, found]) => {
    const provider = listed.parse(found);
    const models = Object.entries(provider.models).filter(
      ([name]) => id !== "openrouter" || ofOpenRouter.has(name),
    );
    return [id, { ...provider, models: Object.fromEntries(models) }];
  });
  return `${JSON.stringify(Object.fromEntries(providers), null, 1)}\n`;
}
