"use client";

import { type MouseEvent, useId, useState } from "react";
import { loadProposals, type RuleScopeFromCard, shownPattern } from "#client/rules.ts";
import { useResource } from "#client/resource.ts";
import type { ApprovalView } from "#domain/session-view.ts";
import { Button } from "../ui/button.tsx";
import { useOpened } from "./session-context.tsx";

export interface OfferedRule {
  tool_pattern: string;
  scope: RuleScopeFromCard;
}

/** Rules that would allow what is asked from now on, each with what it would have matched lately. */
export function RuleOffer({
  approval,
  off,
  onAllow,
}: {
  approval: ApprovalView;
  off: boolean;
  onAllow: (rule: OfferedRule, event: MouseEvent) => void;
}) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const { disabledReason, session } = useOpened();
  const { data, problem } = useResource(
    ["proposals", approval.runId, approval.key],
    async () => await loadProposals(approval.runId, approval.key),
    { enabled: isOpen, forget: true },
  );
  if (disabledReason.approve !== undefined || disabledReason.drive !== undefined) return null;
  const canForAll = disabledReason.network === undefined;
  return (
    <div>
      <Button
        size="sm"
        look="quiet"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        Allow requests like this…
      </Button>
      {isOpen && (
        <div id={id} className="mt-2 grid gap-3 text-small text-ink-2" data-testid="rule-offer">
          {problem ? (
            <p>Couldn't load suggestions. {problem.message}</p>
          ) : data === undefined ? (
            <p>Looking at past requests…</p>
          ) : data.proposals.length === 0 ? (
            <p>No single rule can safely allow this. Allow it once, or for this session.</p>
          ) : (
            data.proposals.map(({ pattern, matches, examples }) => (
              <div key={pattern} className="grid gap-1">
                <span className="fact wrap-anywhere text-ink">{shownPattern(pattern)}</span>
                <span>
                  {matches === 0
                    ? `Would have matched none of the last ${data.looked_at} requests.`
                    : `Would have matched ${matches} of the last ${data.looked_at} requests, such as ${examples.join(", ")}.`}
                </span>
                <span className="flex flex-wrap gap-2">
                  <Button
                    size="sm"
                    off={off}
                    aria-label={`Allow ${shownPattern(pattern)} for this session`}
                    onClick={(event) => onAllow({ tool_pattern: pattern, scope: "session" }, event)}
                  >
                    For this session
                  </Button>
                  {canForAll && (
                    <Button
                      size="sm"
                      off={off}
                      aria-label={`Allow ${shownPattern(pattern)} for everyone in ${session.environment}`}
                      onClick={(event) => onAllow({ tool_pattern: pattern, scope: "environment" }, event)}
                    >
                      For everyone in {session.environment}
                    </Button>
                  )}
                </span>
              </div>
            ))
          )}
        </div>
      )}
    </div>
  );
}
