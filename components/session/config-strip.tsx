"use client";

import { Lock } from "lucide-react";
import { useFormat } from "../../lib/client/locale.tsx";
import type { KeySource } from "../../lib/domain/catalog.ts";
import type { Session } from "../../lib/domain/session.ts";
import type { SessionView } from "../../lib/domain/session-view.ts";
import { namesOf, Payer } from "../common/payer.tsx";
import { AutoApprove } from "./auto-approve.tsx";
import { Glyph } from "../ui/glyph.tsx";
import { Meter } from "../ui/meter.tsx";

/** What the session is made of, locked, and what it has used so far. */
export function ConfigStrip({
  session,
  keySource = session.keySource,
  usage,
  autoApprove,
  disabledReason,
  cap,
}: {
  session: Session;
  /** Who pays now, where that has changed. */
  keySource: KeySource | undefined;
  usage: SessionView["usage"];
  autoApprove: boolean;
  /** Why the reader may not change that; undefined where they may. */
  disabledReason: string | undefined;
  /** Micro-USD; null where there is none. */
  cap: number | null;
}) {
  const f = useFormat();
  const names = namesOf(session.provider, session.model);
  return (
    <div className="strip max-[959px]:flex-wrap max-[959px]:gap-y-0 max-[959px]:py-1.5">
      <dl
        className="titleblock titleblock-flat self-stretch max-[959px]:basis-full"
        aria-label="Configuration, can't be changed after start"
      >
        <div className="cell">
          <dt title="Can't be changed after start">
            <Lock className="i i-xs" aria-hidden="true" />
            <span className="sr">Model</span>
          </dt>
          <dd className="truncate">
            <span className="max-sm:hidden">
              {names.provider} <span className="faint">/</span>{" "}
            </span>
            {names.model}
          </dd>
        </div>
        <div className="cell">
          <dt className="sr">Environment</dt>
          <dd>
            <Glyph
              name="active"
              className={session.environment === "production" ? "text-warning" : "text-accent"}
            />
            {session.environment}
          </dd>
        </div>
        <div className="cell">
          <dt className="sr">Approvals</dt>
          <dd>
            <AutoApprove sessionId={session.id} on={autoApprove} disabledReason={disabledReason} />
          </dd>
        </div>
        <div className="cell">
          <dt className="sr">Paid by</dt>
          <dd>
            <Payer source={keySource} provider={names.provider} />
            {session.rawKey && (
              <span className="faint" title="The key is in the sandbox, so its calls aren't counted here">
                (in the sandbox, not counted)
              </span>
            )}
          </dd>
        </div>
      </dl>
      <dl
        className="ml-auto flex items-center gap-4 max-[959px]:ml-0 max-[959px]:basis-full max-sm:justify-between"
        aria-label="Session usage"
        data-testid="usage"
      >
        <Figure name="in" value={f.tokens(usage.inputTokens)} />
        <Figure name="cached" value={f.tokens(usage.cachedTokens)} />
        <Figure name="out" value={f.tokens(usage.outputTokens)} />
        <div>
          <dt className="sr">Cost</dt>
          <dd className="flex items-center gap-2">
            <span
              className="fact font-semibold"
              title={
                usage.unpricedCalls
                  ? "Some of these calls have no price, so they don't count against any cap"
                  : undefined
              }
            >
              {!usage.unpricedCalls
                ? f.dollars(usage.costMicroUsd)
                : usage.unpricedCalls === usage.calls
                  ? "cost unknown"
                  : `${f.dollars(usage.costMicroUsd)} + unknown`}
            </span>
            {cap !== null && (
              <>
                <span className="fact faint">of {f.dollars(cap)}</span>
                <Meter
                  label="Cost against the cap"
                  value={usage.costMicroUsd}
                  max={cap}
                  valueText={`${f.dollars(usage.costMicroUsd)} of ${f.dollars(cap)}`}
                  className="w-16 max-sm:w-10"
                />
              </>
            )}
          </dd>
        </div>
      </dl>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-1.5">
      <dt className="faint">{name}</dt>
      <dd className="fact">{value}</dd>
    </div>
  );
}
