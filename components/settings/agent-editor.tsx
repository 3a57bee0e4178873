"use client";

import { useCallback, useContext, useState } from "react";
import type { AgentRow } from "#client/live-agents.ts";
import { maxTemperatureOf } from "#domain/agents.ts";
import { filledPrompt } from "#domain/prompt-variables.ts";
import { AgentForm, exampleValues, type Fields, FormOrganization, modelIn } from "./agent-form.tsx";
import { Playground, type PlaygroundSetup } from "./playground.tsx";

/** What the form says at this moment, as a model can be asked with it; null where it can't be. */
function setupOf(fields: Fields | undefined, organization: string): PlaygroundSetup | null {
  if (!fields || fields.model === "") return null;
  const { provider, model } = modelIn(fields.model);
  const temperature = fields.temperature.trim() === "" ? Number.NaN : Number(fields.temperature);
  const maxTokens = Number(fields.max_tokens);
  if (!(temperature >= 0 && temperature <= maxTemperatureOf(provider)) || !(maxTokens >= 1)) return null;
  const prompt = (_message: string, now: number) =>
    filledPrompt(fields.system_prompt, exampleValues(fields, organization, now));
  return { provider, model, prompt, temperature, maxTokens };
}

/** An agent's form, and beside it a place to try what stands there, saved or not. */
export function AgentEditor({ agent }: { agent: AgentRow }) {
  const organization = useContext(FormOrganization);
  const [draft, setDraft] = useState<Fields>();
  const keep = useCallback((fields: Fields) => setDraft(fields), []);
  return (
    <div className="grid grid-cols-[minmax(0,3fr)_minmax(0,2fr)] items-start gap-5 max-xl:grid-cols-[minmax(0,1fr)]">
      <AgentForm key={agent.revision} editing={agent} inPage onDone={() => undefined} onDraft={keep} />
      <Playground
        title="Try it"
        about="Asks the model with what the form says now, saved or not. Tools, skills, and files aren't there: those need a session. Your organization pays as for any call."
        setup={setupOf(draft, organization)}
      />
    </div>
  );
}
