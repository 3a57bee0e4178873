"use client";

import { type KeyboardEvent, type Ref, useId, useState } from "react";
import { type ApiError, asApiError, type Decision, decideApproval } from "../../lib/client/api.ts";
import { LIMITS } from "../../lib/domain/limits.ts";
import { coverOf } from "../../lib/domain/grants.ts";
import type { ApprovalView } from "../../lib/domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Diffs } from "./diff-view.tsx";
import { shortPath } from "./entries.ts";
import { Expiry } from "./expiry.tsx";
import { diffsOf } from "../../lib/client/changes.ts";
import { session as t } from "../../lib/client/messages/session.ts";
import { fill } from "../../lib/client/messages/text.ts";
import { Rich } from "../ui/rich.tsx";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** The question, and exactly what would happen. */
function asked(approval: ApprovalView): { question: string; exact: string; effect: string } {
  const { kind, request, diff, summary, tool } = approval;
  const path = diff?.path ?? text(request.filePath) ?? text(request.filepath);
  if (kind === "execute")
    return {
      question: t.runThisCommand,
      exact: text(request.command) ?? summary,
      effect: fill(t.itRunsInTheSessions, { cwd: text(request.cwd) ?? "/workspace" }),
    };
  const files = diffsOf(approval);
  if (files.length > 1)
    return {
      question: t.changeTheseFiles,
      exact: files.map((file) => shortPath(file.path)).join("\n"),
      effect: t.itChangesTheFilesIn,
    };
  if (kind === "edit" || path !== undefined)
    return {
      question: diff && diff.old_text === null ? t.createThisFile : t.changeThisFile,
      exact: path === undefined ? summary : shortPath(path),
      effect: t.itChangesTheFileIn,
    };
  if (kind === "fetch")
    return {
      question: t.fetchThisAddress,
      exact: text(request.url) ?? summary,
      effect: t.theSandboxSendsTheRequest,
    };
  const details = Object.keys(request).length > 0 ? `\n${JSON.stringify(request, null, 2)}` : "";
  return {
    question: fill(t.allowTool, { tool }),
    exact: summary + details,
    effect: t.theAgentAsksBeforeIt,
  };
}

const EXPIRY = {
  plain: t.deniedWithoutAnAnswer,
  within: t.deniedWithoutAnAnswerIn,
  over: t.deniedWithoutAnAnswerAny,
};

interface Answer {
  decision: Decision;
  words: string;
  /** While it is sent. */
  busy: string;
  keyName?: string;
  className: string;
}

/** The answers, in their order. */
const ANSWERS: readonly Answer[] = [
  { decision: "approved", words: t.allowOnce, busy: t.allowing, keyName: "A", className: "btn-primary" },
  {
    decision: "approved_for_session",
    words: t.alwaysAllowForThisSession,
    busy: t.allowing,
    keyName: "S",
    className: "",
  },
  { decision: "denied", words: t.deny, busy: t.denying, keyName: "D", className: "btn-danger sm:ml-auto" },
  { decision: "abort", words: t.denyAndStop, busy: t.stoppingTheRun, className: "btn-danger" },
];

/** A question of the agent. A, S and D answer while the card has the focus, and only then. */
export function ApprovalCard({
  approval,
  barred,
  ref,
}: {
  approval: ApprovalView;
  /** Why the reader may not answer; undefined where they may. */
  barred: string | undefined;
  ref?: Ref<HTMLElement>;
}) {
  const id = useId();
  const [sent, setSent] = useState<Decision>();
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<ApiError>();
  const { question, exact, effect } = asked(approval);
  const diffs = diffsOf(approval);
  const said = text(approval.request.description);
  const off = barred !== undefined || sent !== undefined;
  const covers = coverOf(approval).words.replace("/workspace/", "");

  const decide = async (decision: Decision) => {
    if (off) return;
    setSent(decision);
    setProblem(undefined);
    try {
      const no = decision === "denied" || decision === "abort";
      await decideApproval(approval.runId, approval.key, decision, (no && reason.trim()) || undefined);
    } catch (error) {
      setProblem(asApiError(error));
      setSent(undefined);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement) return;
    if (event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
    const decision = ANSWERS.find(({ keyName }) => keyName === event.key.toUpperCase())?.decision;
    if (decision === undefined) return;
    event.preventDefault();
    void decide(decision);
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- its keys answer its buttons
    <section
      ref={ref}
      className="approval"
      aria-labelledby={`${id}-q`}
      aria-describedby={`${id}-why`}
      tabIndex={-1}
      data-testid="approval-card"
      onKeyDown={onKeyDown}
    >
      <div className="approval-head">
        <Glyph name="waiting" className="text-ochre" />
        <h3 id={`${id}-q`}>{question}</h3>
        <Expiry at={approval.expiresAt} words={EXPIRY} />
      </div>
      <div className="approval-body">
        <div className="approval-cmd">{exact}</div>
        {diffs.length > 0 && (
          <div className="overflow-hidden rounded-sm border border-line">
            <Diffs diffs={diffs} />
          </div>
        )}
        <p id={`${id}-why`} className="text-small text-ink-2">
          {said !== undefined && <>{fill(t.theAgentSaysDescription, { description: said })} </>}
          {effect}
        </p>
        {barred === undefined && (
          <input
            className="input"
            value={reason}
            maxLength={LIMITS.refusalReason.max}
            aria-label={t.whyNot}
            placeholder={t.whyNot}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        {problem && (
          <p role="alert" className="text-small text-madder">
            {problem.message}
          </p>
        )}
      </div>
      <div className="approval-foot">
        {ANSWERS.map(({ decision, words, busy, keyName, className }) => (
          <button
            key={decision}
            type="button"
            className={`btn ${className}`}
            aria-disabled={off}
            aria-keyshortcuts={keyName}
            onClick={() => void decide(decision)}
          >
            {sent === decision ? busy : words}
            {keyName && (
              <kbd className="kbd" aria-hidden="true">
                {keyName}
              </kbd>
            )}
          </button>
        ))}
        <p className="col-span-full w-full text-small text-ink-3">
          {barred ?? (
            <>
              <Rich
                text={t.alwaysCoversWhatUntilThis}
                parts={{ what: <span className="fact text-ink-2 [overflow-wrap:anywhere]">{covers}</span> }}
              />
            </>
          )}
        </p>
      </div>
    </section>
  );
}
