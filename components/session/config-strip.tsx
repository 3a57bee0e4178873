"use client";

import { Lock } from "lucide-react";
import { dollars, tokens } from "../../lib/client/format.ts";
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
  const names = namesOf(session.provider, session.model);
  return (
    <div className="strip max-sm:flex-wrap max-sm:gap-y-0 max-sm:py-1.5">
      <dl
        className="titleblock titleblock-flat self-stretch max-sm:basis-full max-sm:flex-wrap"
        aria-label="Configuration, locked since the start"
      >
        <div className="cell">
          <dt title="Locked since the start">
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
              className={session.environment === "production" ? "text-ochre" : "text-accent"}
            />
            {session.environment}
          </dd>
        </div>
        <div className="cell">
          <dt className="sr">Approvals</dt>
          <dd>
            <AutoApprove sessionId={session.id} on={autoApprove} barred={barred} />
          </dd>
        </div>
        <div className="cell">
          <dt className="sr">Paid by</dt>
          <dd>
            <Payer source={keySource} provider={names.provider} />
            {session.rawKey && (
              <span className="faint" title="The key is in the sandbox: its calls are not counted here">
                (in the sandbox, not counted)
              </span>
            )}
          </dd>
        </div>
      </dl>
      <dl
        className="ml-auto flex items-center gap-4 max-sm:ml-0 max-sm:basis-full max-sm:justify-between"
        aria-label="Usage of this session"
        data-testid="usage"
      >
        <Figure name="in" value={tokens(usage.inputTokens)} />
        <Figure name="cached" value={tokens(usage.cachedTokens)} />
        <Figure name="out" value={tokens(usage.outputTokens)} />
        <div>
          <dt className="sr">Cost</dt>
          <dd className="flex items-center gap-2">
            <span className="fact font-semibold">{dollars(usage.costMicroUsd)}</span>
            {cap !== null && (
              <>
                <span className="fact faint">of {dollars(cap)}</span>
                <Meter
                  label="Cost of cap"
                  value={usage.costMicroUsd}
                  max={cap}
                  words={`${dollars(usage.costMicroUsd)} of ${dollars(cap)}`}
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
