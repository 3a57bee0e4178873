"use client";

import { Check, Copy, KeyRound } from "lucide-react";
import Link from "next/link";
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

/** The organization's API keys: what exists, a new one, the end of one. */
export function ApiKeysScreen() {
  return (
    <>
      <PageHead title="API keys">
        For CI, the struere CLI, and your own services. A key acts as the person who created it, within its
        scopes, and stops working when they leave. The{" "}
        <Link className="link" href="/docs/api">
          API reference
        </Link>{" "}
        lists every route.
      </PageHead>
      <ErrorBoundary
        fallback={
          <Notice tone="warning" title="Couldn't load the list">
            <p>The live connection was refused. Reload the page to try again; your keys keep working.</p>
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
      {problem && <ProblemNotice title="Couldn't revoke the key" error={problem} />}
      <ApiKeyTable keys={keys} onRevoke={setRevoking} />
      <ApiKeyForm onMade={setMade} />
      <ConfirmDialog
        open={revoking !== undefined}
        onOpenChange={(open) => !open && setRevoking(undefined)}
        title={`Revoke “${revoking?.name ?? ""}”?`}
        confirm="Revoke key"
        cancel="Keep it"
        onConfirm={() => void revoke()}
      >
        Anything that uses it is refused from its next request on. This can't be undone.
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
      className="card border-success-fill! px-4 py-3"
      aria-labelledby="new-key"
      tabIndex={-1}
      data-testid="new-key"
    >
      <div className="flex gap-3">
        <KeyRound className="i mt-0.5 text-success" aria-hidden="true" />
        <div className="min-w-0 flex-1">
          <h2 id="new-key" className="text-base font-semibold">
            Key “{made.name}” created. Copy it now; it won't be shown again.
          </h2>
          <div className="mt-2 flex flex-wrap items-center gap-2">
            <code className="approval-cmd min-w-0 flex-1 basis-60 py-1!">{made.key}</code>
            <button type="button" className="btn" onClick={() => void copy()}>
              {copied ? (
                <Check className="i i-sm" aria-hidden="true" />
              ) : (
                <Copy className="i i-sm" aria-hidden="true" />
              )}
              {copied ? "Copied" : "Copy"}
            </button>
            <button type="button" className="btn btn-quiet" onClick={onDone}>
              Done
            </button>
          </div>
          <output className="mt-1 block text-small text-ink-2">
            {copied === false && "Your browser blocked copying. Select the key and copy it by hand."}
          </output>
        </div>
      </div>
    </section>
  );
}
