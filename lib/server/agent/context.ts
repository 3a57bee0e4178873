import { randomBytes } from "node:crypto";
import { DEADLINES } from "#domain/lifecycle.ts";
import { Masker } from "#domain/mask.ts";
import type { TranslationContext } from "./translation.ts";

const OWN = new Masker();

/**
 * What the translation of an agent's messages cannot see in them, at this moment.
 * @param session `masker`: knows the secrets of its sandbox; by default Studio's own alone, by their form
 */
export function translationContext(session: {
  provider: string;
  model: string;
  masker?: Masker;
}): TranslationContext {
  const { provider, model, masker = OWN } = session;
  return {
    provider,
    model,
    masker,
    now: Date.now(),
    approvalMs: DEADLINES.approvalMs,
    newKey: (kind) => `${kind}_${randomBytes(12).toString("hex")}`,
  };
}
