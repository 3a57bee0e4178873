"use client";

import { type KeyboardEvent, type Ref, useId, useState } from "react";
import { type ApiError, asApiError, type Decision, decideApproval } from "../../lib/client/api.ts";
import { LIMITS } from "../../lib/domain/limits.ts";
import { coverOf } from "../../lib/domain/approval-rules.ts";
import type { ApprovalView } from "../../lib/domain/session-view.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Diffs } from "./diff-view.tsx";
import { shortPath } from "./entries.ts";
import { Expiry } from "./expiry.tsx";
import { diffsOf } from "../../lib/client/changes.ts";

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

/** The question, and exactly what would happen. */
function asked(approval: ApprovalView): { question: string; exact: string; effect: string } {
  const { kind, request, diff, summary, tool } = approval;
  const path = diff?.path ?? text(request.filePath) ?? text(request.filepath);
  if (kind === "execute")
    return {
      question: "Run this command?",
      exact: text(request.command) ?? summary,
      effect: `Runs in this session's sandbox, in ${text(request.cwd) ?? "/workspace"}.`,
    };
  const files = diffsOf(approval);
  if (files.length > 1)
    return {
      question: "Change these files?",
      exact: files.map((file) => shortPath(file.path)).join("\n"),
      effect: "Only changes the files in this session's sandbox.",
    };
  if (kind === "edit" || path !== undefined)
    return {
      question: diff && diff.old_text === null ? "Create this file?" : "Change this file?",
      exact: path === undefined ? summary : shortPath(path),
      effect: "Only changes the file in this session's sandbox.",
    };
  if (kind === "fetch")
    return {
      question: "Fetch this URL?",
      exact: text(request.url) ?? summary,
      effect: "The sandbox sends the request, and the agent reads the response.",
    };
  const details = Object.keys(request).length > 0 ? `\n${JSON.stringify(request, null, 2)}` : "";
  return {
    question: `Allow ${tool}?`,
    exact: summary + details,
    effect: "The agent asks before it uses this tool.",
  };
}

interface Answer {
  decision: Decision;
  label: string;
  /** While it is sent. */
  busy: string;
  keyName?: string;
  className: string;
}

/** The answers, in their order. */
const ANSWERS: readonly Answer[] = [
  { decision: "approved", label: "Allow once", busy: "Allowing", keyName: "A", className: "btn-primary" },
  {
    decision: "approved_for_session",
    label: "Always allow in this session",
    busy: "Allowing",
    keyName: "S",
    className: "",
  },
  { decision: "denied", label: "Deny", busy: "Denying", keyName: "D", className: "btn-danger sm:ml-auto" },
  { decision: "abort", label: "Deny and stop", busy: "Stopping the run", className: "btn-danger" },
];

/** A question of the agent. A, S and D answer while the card has the focus, and only then. */
export function ApprovalCard({
  approval,
  disabledReason,
  ref,
}: {
  approval: ApprovalView;
  /** Why the reader may not answer; undefined where they may. */
  disabledReason: string | undefined;
  ref?: Ref<HTMLElement>;
}) {
  const id = useId();
  const [sent, setSent] = useState<Decision>();
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<ApiError>();
  const { question, exact, effect } = asked(approval);
  const diffs = diffsOf(approval);
  const said = text(approval.request.description);
  const off = disabledReason !== undefined || sent !== undefined;
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
        <Glyph name="waiting" className="text-warning" />
        <h3 id={`${id}-q`}>{question}</h3>
        <Expiry at={approval.expiresAt} what="Auto-denies" />
      </div>
      <div className="approval-body">
        <div className="approval-cmd">{exact}</div>
        {diffs.length > 0 && (
          <div className="overflow-hidden rounded-sm border border-line">
            <Diffs diffs={diffs} />
          </div>
        )}
        <p id={`${id}-why`} className="text-small text-ink-2">
          {said !== undefined && <>The agent says: “{said}”. </>}
          {effect}
        </p>
        {disabledReason === undefined && (
          <input
            className="input"
            value={reason}
            maxLength={LIMITS.refusalReason.max}
            aria-label="If you deny, tell the agent why (optional)"
            placeholder="If you deny, tell the agent why (optional)"
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        {problem && (
          <p role="alert" className="text-small text-danger">
            {problem.message}
          </p>
        )}
      </div>
      <div className="approval-foot">
        {ANSWERS.map(({ decision, label, busy, keyName, className }) => (
          <button
            key={decision}
            type="button"
            className={`btn ${className}`}
            aria-disabled={off}
            aria-keyshortcuts={keyName}
            onClick={() => void decide(decision)}
          >
            {sent === decision ? busy : label}
            {keyName && (
              <kbd className="kbd" aria-hidden="true">
                {keyName}
              </kbd>
            )}
          </button>
        ))}
        <p className="col-span-full w-full text-small text-ink-3">
          {disabledReason ?? (
            <>
              “Always” applies to <span className="fact text-ink-2 [overflow-wrap:anywhere]">{covers}</span>{" "}
              in this session.
            </>
          )}
        </p>
      </div>
    </section>
  );
}
