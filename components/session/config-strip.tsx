"use client";

import { Lock } from "lucide-react";
import type { ReactNode } from "react";
import { useFormat } from "#client/locale.tsx";
import { namesOf, Payer } from "../common/payer.tsx";
import { cellNameClass, cellValueClass } from "../start/title-block.ts";
import { cn } from "../ui/cn.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Icon } from "../ui/icon.tsx";
import { Meter } from "../ui/meter.tsx";
import { Button } from "../ui/button.tsx";
import { useBranching } from "./branching.tsx";
import { AutoApprove } from "./auto-approve.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

/** What the session is made of, locked, and what it has used so far. */
export function ConfigStrip() {
  const f = useFormat();
  const { session } = useOpened();
  const { view, cap } = useSessionState();
  const { usage, keySource = session.keySource } = view;
  const branching = useBranching();
  const names = namesOf(session.provider, session.model);
  return (
    <div className="flex min-h-[34px] flex-none items-center gap-3 border-b border-line bg-desk pr-3 pl-4 text-small max-two:flex-wrap max-two:gap-y-0 max-two:py-1.5">
      <dl
        className="flex self-stretch overflow-hidden max-two:basis-full max-sm:grid max-sm:grid-cols-2"
        aria-label="Configuration, can't be changed after start"
      >
        <Cell
          name={
            <span title="Can't be changed after start">
              <Icon as={Lock} size="xs" />
              <span className="sr-only">Model</span>
            </span>
          }
          isNameSeen
        >
          <span className="truncate">
            <span className="max-sm:hidden">
              {names.provider} <span className="text-ink-3">/</span>{" "}
            </span>
            {names.model}
          </span>
          {branching && (
            <Button
              look="quiet"
              size="sm"
              title="Continue on another model, in a branch"
              onClick={() => branching.toOtherModel("changed")}
            >
              Change model
            </Button>
          )}
        </Cell>
        <Cell name="Environment">
          <Glyph
            name="active"
            className={session.environment === "production" ? "text-warning" : "text-accent"}
          />
          {session.environment}
        </Cell>
        <Cell name="Approvals">
          <AutoApprove />
        </Cell>
        <Cell name="Paid by">
          <Payer source={keySource} provider={names.provider} />
          {session.rawKey && (
            <span className="text-ink-3" title="The key is in the sandbox, so its calls aren't counted here">
              (in the sandbox, not counted)
            </span>
          )}
        </Cell>
      </dl>
      <dl
        className="ml-auto flex items-center gap-4 max-two:ml-0 max-two:basis-full max-sm:justify-between"
        aria-label="Session usage"
        data-testid="usage"
      >
        <Figure name="in" value={f.tokens(usage.inputTokens)} />
        <Figure name="cached" value={f.tokens(usage.cachedTokens)} />
        <Figure name="out" value={f.tokens(usage.outputTokens)} />
        <div>
          <dt className="sr-only">Cost</dt>
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
                <span className="fact text-ink-3">of {f.dollars(cap)}</span>
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

function Cell({
  name,
  isNameSeen = false,
  children,
}: {
  name: ReactNode;
  isNameSeen?: boolean;
  children: ReactNode;
}) {
  return (
    <div className="relative flex min-w-0 items-center justify-center gap-1.5 border-l border-line px-3 whitespace-nowrap first:border-l-0 first:pl-0 max-sm:odd:border-l-0 max-sm:odd:pl-0">
      <dt className={isNameSeen ? cellNameClass : "sr-only"}>{name}</dt>
      <dd className={cn(cellValueClass, "leading-[18px]")}>{children}</dd>
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex gap-1.5">
      <dt className="text-ink-3">{name}</dt>
      <dd className="fact">{value}</dd>
    </div>
  );
}
