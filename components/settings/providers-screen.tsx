"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { type KeyRow, useProviderKeys } from "../../lib/client/live-settings.ts";
import { type KeyVerdict, removeProviderKey, testProviderKey } from "../../lib/client/settings.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Notice } from "../ui/notice.tsx";
import { EndpointForm } from "./endpoint-form.tsx";
import { PageHead } from "./page-head.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { type ProviderEntry, ProviderTable } from "./provider-table.tsx";
import { isEndpoint, PROVIDERS } from "./providers.ts";

interface Props {
  initial: readonly KeyRow[];
  /** Providers that the operator pays for, out of credits. */
  platform: readonly string[];
  /** Why the reader may change nothing; undefined where they may. */
  disabledReason: string | undefined;
}

/** The organization's model keys, as they change. */
export function ProvidersScreen(props: Props) {
  return (
    <ErrorBoundary fallback={<Screen {...props} keys={props.initial} />}>
      <LiveScreen {...props} />
    </ErrorBoundary>
  );
}

function LiveScreen(props: Props) {
  return <Screen {...props} keys={useProviderKeys(props.initial)} />;
}

type Editing = { kind: "key"; provider: string } | { kind: "endpoint"; row: KeyRow | undefined };
/** What came of the last act; `at` tells one from the next. */
type Outcome = { at: number } & (
  | { kind: "verdict"; name: string; verdict: KeyVerdict }
  | { kind: "removed"; name: string }
  | { kind: "problem"; title: string; error: ApiError }
);

function entriesOf(keys: readonly KeyRow[]): ProviderEntry[] {
  const rowOf = (id: string) => keys.find((row) => row.provider === id);
  return [
    ...PROVIDERS.map((provider) => ({ ...provider, row: rowOf(provider.id) })),
    ...keys
      .filter((row) => isEndpoint(row.provider))
      .map((row) => ({
        id: row.provider,
        name: row.name,
        letters: row.name.slice(0, 1).toUpperCase(),
        host: row.baseUrl ?? "",
        row,
      })),
  ];
}

function Screen({ keys, platform, disabledReason }: Props & { keys: readonly KeyRow[] }) {
  const router = useRouter();
  const [editing, setEditing] = useState<Editing>();
  const [outcome, setOutcome] = useState<Outcome>();
  const [testing, setTesting] = useState<string>();
  const [removing, setRemoving] = useState<ProviderEntry>();
  const opener = useRef<HTMLElement | null>(null);
  const entries = entriesOf(keys);

  const open = (next: Editing) => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    setOutcome(undefined);
    setEditing(next);
  };
  const close = () => {
    setEditing(undefined);
    opener.current?.focus();
  };
  const saved = (name: string, verdict: KeyVerdict) => {
    setOutcome({ at: Date.now(), kind: "verdict", name, verdict });
    close();
    // Who pays is decided by the server.
    router.refresh();
  };
  const test = async ({ id, name }: ProviderEntry) => {
    if (testing !== undefined) return;
    setTesting(id);
    setOutcome(undefined);
    try {
      setOutcome({ at: Date.now(), kind: "verdict", name, verdict: await testProviderKey(id) });
      router.refresh();
    } catch (error) {
      setOutcome({
        at: Date.now(),
        kind: "problem",
        title: `Couldn't test the ${name} key`,
        error: asApiError(error),
      });
    } finally {
      setTesting(undefined);
    }
  };
  const remove = async () => {
    if (!removing) return;
    const { id, name } = removing;
    setRemoving(undefined);
    setOutcome(undefined);
    setEditing(undefined);
    try {
      await removeProviderKey(id);
      setOutcome({ at: Date.now(), kind: "removed", name });
      router.refresh();
    } catch (error) {
      setOutcome({
        at: Date.now(),
        kind: "problem",
        title: `Couldn't remove the ${name} key`,
        error: asApiError(error),
      });
    }
  };
  const edited = editing?.kind === "key" ? entries.find(({ id }) => id === editing.provider) : undefined;

  return (
    <>
      <PageHead
        title="Providers"
        actions={
          <button
            type="button"
            className="btn"
            aria-disabled={disabledReason !== undefined}
            title={disabledReason}
            onClick={() => disabledReason === undefined && open({ kind: "endpoint", row: undefined })}
          >
            <Plus className="i" aria-hidden="true" />
            Add compatible endpoint
          </button>
        }
      >
        Keys are encrypted, never shown again, and stay out of sandboxes unless an admin exposes them. A
        provider's own key is used first, then OpenRouter, then credits.
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        {disabledReason && (
          <Notice tone="info" title="View only">
            <p>{disabledReason}</p>
          </Notice>
        )}
        <ProviderTable
          entries={entries}
          keys={keys}
          platform={platform}
          disabledReason={disabledReason}
          testing={testing}
          onEdit={(entry) =>
            open(
              isEndpoint(entry.id)
                ? { kind: "endpoint", row: entry.row }
                : { kind: "key", provider: entry.id },
            )
          }
          onTest={(entry) => void test(entry)}
          onRemove={setRemoving}
        />
        {outcome && <OutcomeNotice key={outcome.at} outcome={outcome} />}
        {edited && (
          <ProviderForm
            key={edited.id}
            provider={edited.id}
            name={edited.name}
            replaces={edited.row !== undefined}
            onSaved={saved}
            onCancel={close}
          />
        )}
        {editing?.kind === "endpoint" && (
          <EndpointForm
            key={editing.row?.provider ?? "new"}
            row={editing.row}
            taken={keys.map((row) => row.provider)}
            onSaved={saved}
            onCancel={close}
          />
        )}
      </div>
      <ConfirmDialog
        open={removing !== undefined}
        onOpenChange={(isOpen) => !isOpen && setRemoving(undefined)}
        title={`Remove the ${removing?.name ?? ""} key?`}
        confirm="Remove key"
        cancel="Keep it"
        onConfirm={() => void remove()}
      >
        Sessions that use it stop at their next model call. Studio can't restore the key; only the provider
        has it.
      </ConfirmDialog>
    </>
  );
}

/** What came of an act, brought into sight. */
function OutcomeNotice({ outcome }: { outcome: Outcome }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // Newer browsers answer a promise, which must not pass for the effect's end.
    box.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div ref={box}>
      {outcome.kind === "problem" && <ProblemNotice title={outcome.title} error={outcome.error} />}
      {outcome.kind === "verdict" && <Verdict name={outcome.name} verdict={outcome.verdict} />}
      {outcome.kind === "removed" && (
        <Notice tone="done" title={`${outcome.name} key removed`} alert>
          <p>Sessions that used it stop at their next model call.</p>
        </Notice>
      )}
    </div>
  );
}

/** What the test of a key found. */
function Verdict({ name, verdict }: { name: string; verdict: KeyVerdict }) {
  const { tone, title } = {
    active: { tone: "done", title: `The ${name} key works` },
    inactive: { tone: "warning", title: `${name} key saved, not tested` },
    error: { tone: "error", title: `${name} key rejected` },
  }[verdict.status] as { tone: "done" | "warning" | "error"; title: string };
  return (
    <Notice tone={tone} title={title} alert>
      <p>{verdict.status_detail}</p>
      {verdict.status !== "active" && <p>It's saved, but no session uses it until a test succeeds.</p>}
    </Notice>
  );
}
