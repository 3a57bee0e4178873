"use client";

import { Plus } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef, useState } from "react";
import { useAction } from "#client/action.ts";
import { type KeyRow, useProviderKeys } from "#client/live-settings.ts";
import { serverNow } from "#client/server-clock.ts";
import { type KeyVerdict, removeProviderKey, testProviderKey } from "#client/settings.ts";
import { intoView } from "../ui/bring-into-view.ts";
import { Button } from "../ui/button.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { ErrorBoundary } from "../ui/error-boundary.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { EndpointForm } from "./endpoint-form.tsx";
import { PageHead } from "./page-head.tsx";
import { ProviderForm } from "./provider-form.tsx";
import { type ProviderEntry, ProviderTable } from "./provider-table.tsx";
import { isEndpoint, PROVIDERS } from "./providers.ts";
import { ViewOnly } from "./view-only.tsx";

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
type Outcome = { at: number; name: string } & (
  | { kind: "verdict"; verdict: KeyVerdict }
  | { kind: "removed" }
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
  const [asked, setAsked] = useState<ProviderEntry>();
  const opener = useRef<HTMLElement | null>(null);
  const entries = entriesOf(keys);

  const forget = () => setOutcome(undefined);
  const show = (next: Outcome) => {
    setOutcome(next);
    // Who pays is decided by the server.
    router.refresh();
  };
  const test = useAction(
    async ({ id, name }: ProviderEntry) => {
      forget();
      show({ at: serverNow(), kind: "verdict", name, verdict: await testProviderKey(id) });
    },
    ({ name }) => `Couldn't test the ${name} key`,
  );
  const remove = useAction(
    async ({ id, name }: ProviderEntry) => {
      forget();
      setEditing(undefined);
      await removeProviderKey(id);
      show({ at: serverNow(), kind: "removed", name });
    },
    ({ name }) => `Couldn't remove the ${name} key`,
  );
  const open = (next: Editing) => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    forget();
    test.reset();
    remove.reset();
    setEditing(next);
  };
  const close = () => {
    setEditing(undefined);
    opener.current?.focus();
  };
  const saved = (name: string, verdict: KeyVerdict) => {
    close();
    show({ at: serverNow(), kind: "verdict", name, verdict });
  };
  const edited = editing?.kind === "key" ? entries.find(({ id }) => id === editing.provider) : undefined;

  return (
    <>
      <PageHead
        title="Providers"
        actions={
          <Button
            off={disabledReason !== undefined}
            title={disabledReason}
            onClick={() => open({ kind: "endpoint", row: undefined })}
          >
            <Icon as={Plus} />
            Add compatible endpoint
          </Button>
        }
      >
        Keys are encrypted, never shown again, and stay out of sandboxes unless an admin exposes them. A
        provider's own key is used first, then OpenRouter, then credits.
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
        <ViewOnly why={disabledReason} />
        <ProviderTable
          entries={entries}
          keys={keys}
          platform={platform}
          disabledReason={disabledReason}
          test={test}
          onEdit={(entry) =>
            open(
              isEndpoint(entry.id)
                ? { kind: "endpoint", row: entry.row }
                : { kind: "key", provider: entry.id },
            )
          }
          onRemove={setAsked}
        />
        {outcome && <OutcomeNotice key={outcome.at} outcome={outcome} />}
        <ActionProblem failure={test.failure} />
        <ActionProblem failure={remove.failure} retryable />
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
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Remove the ${asked?.name ?? ""} key?`}
        confirm="Remove key"
        cancel="Keep it"
        onConfirm={() => asked && remove.run(asked)}
      >
        Sessions that use it stop at their next model call. Studio can't restore the key; only the provider
        has it.
      </Confirm>
    </>
  );
}

/** What came of an act, brought into sight. */
function OutcomeNotice({ outcome }: { outcome: Outcome }) {
  return (
    <div ref={intoView}>
      {outcome.kind === "verdict" ? (
        <Verdict name={outcome.name} verdict={outcome.verdict} />
      ) : (
        <Notice tone="done" title={`${outcome.name} key removed`} alert>
          <p>Sessions that used it stop at their next model call.</p>
        </Notice>
      )}
    </div>
  );
}

/** What the test of a key found. */
function Verdict({ name, verdict }: { name: string; verdict: KeyVerdict }) {
  const { tone, title } = (
    {
      active: { tone: "done", title: `The ${name} key works` },
      inactive: { tone: "warning", title: `${name} key saved, not tested` },
      error: { tone: "error", title: `${name} key rejected` },
    } as const
  )[verdict.status];
  return (
    <Notice tone={tone} title={title} alert>
      <p>{verdict.status_detail}</p>
      {verdict.status !== "active" && <p>It's saved, but no session uses it until a test succeeds.</p>}
    </Notice>
  );
}
