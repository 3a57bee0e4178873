"use client";

import { useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { fieldProblems, type KeyVerdict, saveProviderKey } from "../../lib/client/settings.ts";
import { Field } from "../account/field.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "./form-card.tsx";

/** Takes a provider's key, tests it and stores it. What is typed can never be read again. */
export function ProviderForm({
  provider,
  name,
  replaces,
  onSaved,
  onCancel,
}: {
  provider: string;
  name: string;
  replaces: boolean;
  onSaved: (name: string, verdict: KeyVerdict) => void;
  onCancel: () => void;
}) {
  const [apiKey, setApiKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [other, setOther] = useState<ApiError>();

  const save = async () => {
    if (busy) return;
    setOther(undefined);
    if (apiKey.trim().length < 8) {
      setProblems({ api_key: `This is too short for a key. Paste it again from ${name}'s dashboard.` });
      return;
    }
    setBusy(true);
    setProblems({});
    try {
      onSaved(name, await saveProviderKey(provider, { api_key: apiKey }));
    } catch (failure) {
      const error = asApiError(failure);
      const found = fieldProblems(error);
      setProblems(found);
      if (!found.api_key) setOther(error);
      setBusy(false);
    }
  };

  return (
    <FormCard
      title={replaces ? `Replace the ${name} key` : `Add the ${name} key`}
      problems={problems}
      takesFocus
      onSubmit={() => void save()}
    >
      <Field
        label={replaces ? "New key" : "Key"}
        name="api_key"
        type="password"
        dense
        value={apiKey}
        onChange={(event) => setApiKey(event.target.value)}
        autoComplete="off"
        spellCheck={false}
        maxLength={1000}
        hint={replaces ? "The old key works until the new one is saved." : "It's tested before it's saved."}
        problem={problems.api_key}
      />
      {other && <ProblemNotice title="Couldn't save the key" error={other} />}
      <div className="flex flex-wrap items-center gap-2">
        <button type="submit" className="btn btn-primary" aria-disabled={busy}>
          {busy ? "Verifying" : "Verify and save"}
        </button>
        <button type="button" className="btn btn-quiet" onClick={onCancel}>
          Cancel
        </button>
        <span className="text-small text-ink-3 sm:ml-auto">
          {provider === "openrouter"
            ? "Verified with one call for the key's details"
            : "Verified with one call to the model list"}
        </span>
      </div>
    </FormCard>
  );
}
