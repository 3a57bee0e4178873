"use client";

import { KeyRound } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type ApiKeyRow, useApiKeys } from "#client/live-settings.ts";
import { type NewApiKey, revokeApiKey } from "#client/settings.ts";
import { Confirm } from "../ui/dialog.tsx";
import { Live } from "../ui/live.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";
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
      <Live refused="Couldn't load the list" meanwhile="your keys keep working">
        <Keys />
      </Live>
    </>
  );
}

function Keys() {
  const keys = useApiKeys();
  const [made, setMade] = useState<NewApiKey>();
  const [asked, setAsked] = useState<ApiKeyRow>();
  const revoke = useAction(async (id: string) => {
    await revokeApiKey(id);
    setMade((shown) => (shown?.id === id ? undefined : shown));
  }, "Couldn't revoke the key");
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      {made && (
        <ShownOnce
          key={made.id}
          icon={KeyRound}
          title={`Key “${made.name}” created. Copy it now; it won't be shown again.`}
          text={made.key}
          copy={{ name: "Copy", label: "the key" }}
          onDone={() => setMade(undefined)}
          testId="new-key"
        />
      )}
      <ActionProblem failure={revoke.failure} retryable />
      <ApiKeyTable keys={keys} onRevoke={setAsked} />
      <ApiKeyForm onMade={setMade} />
      <Confirm
        open={asked !== undefined}
        onClose={() => setAsked(undefined)}
        title={`Revoke “${asked?.name ?? ""}”?`}
        confirm="Revoke key"
        cancel="Keep it"
        onConfirm={() => asked && revoke.run(asked.id)}
      >
        Anything that uses it is refused from its next request on. This can't be undone.
      </Confirm>
    </div>
  );
}
