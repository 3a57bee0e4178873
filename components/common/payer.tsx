import { KeyRound, Route, Wallet } from "lucide-react";
import { findModel, type KeySource, providerName } from "#domain/catalog.ts";
import { SANDBOX_PROVIDER } from "#domain/sandbox-time.ts";
import { Icon } from "../ui/icon.tsx";

const ICONS = { platform: Wallet, direct: KeyRound, openrouter: Route };

/** The names of a provider and its model, or of a size of sandboxes; their ids where the catalog does not have them. */
export function namesOf(provider: string, model: string): { provider: string; model: string } {
  if (provider === SANDBOX_PROVIDER) return { provider: "Sandboxes", model: `Sandbox, ${model}` };
  const found = findModel(provider, model);
  return {
    provider: providerName(provider),
    model: found?.model.name ?? model,
  };
}

/** Who pays for the model's tokens. */
export function Payer({ source, provider }: { source: KeySource; provider: string }) {
  const label = {
    platform: "Platform credits",
    direct: `Your ${provider} key`,
    openrouter: "Your OpenRouter key",
  }[source];
  return (
    <>
      <Icon as={ICONS[source]} size="sm" className="text-ink-3" />
      {label}
    </>
  );
}
