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
import { session as t } from "../../lib/client/messages/session.ts";
import { fill } from "../../lib/client/messages/text.ts";

/** What the session is made of, locked, and what it has used so far. */
export function ConfigStrip({
  session,
  keySource = session.keySource,
  usage,
  autoApprove,
  barred,
  cap,
}: {
  session: Session;
  /** Who pays now, where that has changed. */
  keySource: KeySource | undefined;
  usage: SessionView["usage"];
  autoApprove: boolean;
  /** Why the reader may not change that; undefined where they may. */
  barred: string | undefined;
  /** Micro-USD; null where there is none. */
  cap: number | null;
}) {
  const f = useFormat();
  const names = namesOf(session.provider, session.model);
  return (
    <div className="strip max-[959px]:flex-wrap max-[959px]:gap-y-0 max-[959px]:py-1.5">
      <dl
        className="titleblock titleblock-flat self-stretch max-[959px]:basis-full"
        aria-label={t.configurationLockedSinceTheStart}
      >
        <div className="cell">
          <dt title={t.lockedSinceTheStart}>
            <Lock className="i i-xs" aria-hidden="true" />
            <span className="sr">{t.model}</span>
          </dt>
          <dd className="truncate">
            <span className="max-sm:hidden">
              {names.provider} <span className="faint">/</span>{" "}
            </span>
            {names.model}
          </dd>
        </div>
        <div className="cell">
          <dt className="sr">{t.environment}</dt>
          <dd>
            <Glyph
              name="active"
              className={session.environment === "production" ? "text-ochre" : "text-accent"}
            />
            {session.environment}
          </dd>
        </div>
        <div className="cell">
          <dt className="sr">{t.approvals}</dt>
          <dd>
            <AutoApprove sessionId={session.id} on={autoApprove} barred={barred} />
          </dd>
        </div>
        <div className="cell">
          <dt className="sr">{t.paidBy}</dt>
          <dd>
            <Payer source={keySource} provider={names.provider} />
            {session.rawKey && (
              <span className="faint" title={t.theKeyIsInThe}>
                {t.inTheSandboxNotCounted}
              </span>
            )}
          </dd>
        </div>
      </dl>
      <dl
        className="ml-auto flex items-center gap-4 max-[959px]:ml-0 max-[959px]:basis-full max-sm:justify-between"
        aria-label={t.usageOfThisSession}
        data-testid="usage"
      >
        <Figure name={t.tokensIn} value={f.tokens(usage.inputTokens)} />
        <Figure name={t.tokensCached} value={f.tokens(usage.cachedTokens)} />
        <Figure name={t.tokensOut} value={f.tokens(usage.outputTokens)} />
        <div>
          <dt className="sr">{t.cost}</dt>
          <dd className="flex items-center gap-2">
            <span
              className="fact font-semibold"
              title={usage.unpricedCalls ? t.someCallsHaveNoPrice : undefined}
            >
              {!usage.unpricedCalls
                ? f.dollars(usage.costMicroUsd)
                : usage.unpricedCalls === usage.calls
                  ? t.costUnknown
                  : fill(t.costAtLeast, { cost: f.dollars(usage.costMicroUsd) })}
            </span>
            {cap !== null && (
              <>
                <span className="fact faint">{fill(t.ofCap, { cap: f.dollars(cap) })}</span>
                <Meter
                  label={t.costOfCap}
                  value={usage.costMicroUsd}
                  max={cap}
                  words={fill(t.costMicroUsdOfCap, {
                    costMicroUsd: f.dollars(usage.costMicroUsd),
                    cap: f.dollars(cap),
                  })}
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
