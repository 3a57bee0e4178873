"use client";

import { Check, Copy, KeyRound } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { type ApiKeyRow, useApiKeys } from "../../lib/client/live-settings.ts";
import { type NewApiKey, revokeApiKey } from "../../lib/client/settings.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Notice } from "../ui/notice.tsx";
import { ApiKeyForm } from "./api-key-form.tsx";
import { ApiKeyTable } from "./api-key-table.tsx";
import { PageHead } from "./page-head.tsx";
import { apiKeys as t } from "../../lib/client/messages/api-keys.ts";
import { fill } from "../../lib/client/messages/text.ts";

/** The organization's API keys: what exists, a new one, the end of one. */
export function ApiKeysScreen() {
  return (
    <>
      <PageHead title={t.apiKeys}>{t.forCITheStruereCLI}</PageHead>
      <ErrorBoundary
        fallback={
          <Notice tone="warning" title={t.theListCannotBeShown}>
            <p>{t.theLiveConnectionWasRefused}</p>
          </Notice>
        }
      >
        <Keys />
      </ErrorBoundary>
    </>
  );
}

function Keys() {
  const keys = useApiKeys();
  const [made, setMade] = useState<NewApiKey>();
  const [revoking, setRevoking] = useState<ApiKeyRow>();
  const [problem, setProblem] = useState<ApiError>();

  const revoke = async () => {
    if (!revoking) return;
    const { id } = revoking;
    setRevoking(undefined);
    setProblem(undefined);
    try {
      await revokeApiKey(id);
      if (made?.id === id) setMade(undefined);
    } catch (error) {
      setProblem(asApiError(error));
    }
  };

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {made && <ShownOnce key={made.id} made={made} onDone={() => setMade(undefined)} />}
      {problem && <ProblemNotice title={t.theKeyWasNotRevoked} error={problem} />}
      <ApiKeyTable keys={keys} onRevoke={setRevoking} />
      <ApiKeyForm onMade={setMade} />
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={(open) => !open && setRevoking(undefined)}
        title={fill(t.revokeNameQuestion, { name: revoking?.name ?? "" })}
        confirm={t.revokeTheKey}
        cancel={t.keepIt}
        onConfirm={() => void revoke()}
      >
        {t.whateverUsesItIsRefused}
      </ConfirmDialog>
    </div>
  );
}

/** The new key, which is nowhere to be read again. */
function ShownOnce({ made, onDone }: { made: NewApiKey; onDone: () => void }) {
  const [copied, setCopied] = useState<boolean>();
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    box.current?.focus();
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(made.key);
      setCopied(true);
    } catch (error) {
      console.warn("The key cannot be copied", error);
      setCopied(false);
    }
  };
  return (
    <section
      ref={box}
      className="card border-sap-fill! px-4 py-3"
      aria-labelledby="new-key"
      tabIndex={-1}
      data-testid="new-key"
    >
      <div className="flex gap-3">
        <KeyRound className="i mt-0.5 text-sap" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <h2 id="new-key" className="text-base font-semibold">
            {fill(t.keyNameIsReadyCopy, { name: made.name })}
          </h2>
          <div className="mt-2 flex flex-wrap items-center gap-2">
            <code className="approval-cmd min-w-0 flex-1 basis-60 py-1!">{made.key}</code>
            <button type="button" className="btn" onClick={() => void copy()}>
              {copied ? (
                <Check className="i i-sm" aria-hidden="true" />
              ) : (
                <Copy className="i i-sm" aria-hidden="true" />
              )}
              {copied ? t.copied : t.copy}
            </button>
            <button type="button" className="btn btn-quiet" onClick={onDone}>
              {t.done}
            </button>
          </div>
          <output className="mt-1 block text-small text-ink-2">
            {copied === false && t.theBrowserDoesNotLet}
          </output>
        </div>
      </div>
    </section>
  );
}
