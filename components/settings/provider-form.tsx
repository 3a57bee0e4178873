"use client";

import { useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { fieldProblems, type KeyVerdict, saveProviderKey } from "../../lib/client/settings.ts";
import { Field } from "../account/field.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "./form-card.tsx";
import { providers as t } from "../../lib/client/messages/providers.ts";
import { fill } from "../../lib/client/messages/text.ts";

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
      setProblems({ api_key: fill(t.thisIsTooShortFor, { name }) });
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
      title={fill(replaces ? t.replaceTheNameKey : t.addTheNameKey, { name })}
      problems={problems}
      takesFocus
      onSubmit={() => void save()}
    >
      <Field
        label={replaces ? t.newKey : t.key}
        name="api_key"
        type="password"
        dense
        value={apiKey}
        onChange={(event) => setApiKey(event.target.value)}
        autoComplete="off"
        spellCheck={false}
        maxLength={1000}
        hint={replaces ? t.theOldKeyWorksUntil : t.itIsTestedBeforeIt}
        problem={problems.api_key}
      />
      {other && <ProblemNotice title={t.theKeyWasNotSaved} error={other} />}
      <div className="flex flex-wrap items-center gap-2">
        <button type="submit" className="btn btn-primary" aria-disabled={busy}>
          {busy ? t.verifying : t.verifyAndSave}
        </button>
        <button type="button" className="btn btn-quiet" onClick={onCancel}>
          {t.cancel}
        </button>
        <span className="text-small text-ink-3 sm:ml-auto">
          {provider === "openrouter" ? t.verifiedWithOneQuestionAbout : t.verifiedWithOneCallTo}
        </span>
      </div>
    </FormCard>
  );
}
