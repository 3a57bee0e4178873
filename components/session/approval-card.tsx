"use client";

import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useId,
  useImperativeHandle,
  useRef,
  useState,
} from "react";
import { useAction } from "#client/action.ts";
import { isAnotherHand, noteAnswer, useArmed } from "#client/armed.ts";
import { type Decision, decideApproval } from "#client/api.ts";
import { diffsOf } from "#client/changes.ts";
import { shortPath } from "#client/entries.ts";
import { allowByRule } from "#client/rules.ts";
import { sendAnswer } from "#client/too-late.ts";
import { isPlainKey } from "#client/use-keys.ts";
import { actOf, coverOf } from "#domain/approval-rules.ts";
import { noteSentences } from "#domain/change-notes.ts";
import { LIMITS } from "#domain/limits.ts";
import { sameCallQuestion } from "#domain/same-calls.ts";
import type { ApprovalView } from "#domain/session-view.ts";
import { AskCard, AskFoot, askBodyClass } from "../ui/ask-card.tsx";
import { Button } from "../ui/button.tsx";
import { Input } from "../ui/field.tsx";
import { cn } from "../ui/cn.ts";
import { Kbd } from "../ui/kbd.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { exactClass } from "../ui/code.ts";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { Diffs } from "./diff-view.tsx";
import { Expiry } from "./expiry.tsx";
import { useApprovers } from "./use-approvers.ts";
import { type OfferedRule, RuleOffer } from "./rule-offer.tsx";
import { useOpened } from "./session-context.tsx";

/** What stands above to the letter need not stand below again. */
const MAX_COVER_CHARS = 160;

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : undefined);

const HERE = "Only changes files in this session's sandbox.";

/** The question, and exactly what would happen. */
function asked(approval: ApprovalView): { question: string; exact: string; effect: string } {
  const { request, diff, summary, tool } = approval;
  const act = actOf(approval);
  switch (act.act) {
    case "run":
      return {
        question: "Run this command?",
        exact: act.command ?? summary,
        effect: `Runs in this session's sandbox, in ${text(request.cwd) ?? "/workspace"}.`,
      };
    case "change": {
      if (act.paths.length > 1)
        return { question: "Change these files?", exact: act.paths.map(shortPath).join("\n"), effect: HERE };
      const [path] = act.paths;
      const verb =
        approval.kind === "delete" ? "Delete" : diff && diff.old_text === null ? "Create" : "Change";
      return {
        question: `${verb} this file?`,
        exact: path === undefined ? summary : shortPath(path),
        effect: HERE,
      };
    }
    case "read":
      return {
        question: "Read this file?",
        exact: shortPath(act.path),
        effect: "The agent reads it and changes nothing.",
      };
    case "reach":
      return {
        question: act.folders.length > 1 ? "Look into these folders?" : "Look into this folder?",
        exact: act.folders.join("\n"),
        effect: `Outside the workspace, with ${tool}, which only reads.`,
      };
    case "fetch":
      return {
        question: "Fetch this URL?",
        exact: act.url ?? summary,
        effect: "The sandbox sends the request, and the agent reads the response.",
      };
    case "use": {
      const details = Object.keys(request).length > 0 ? `\n${JSON.stringify(request, null, 2)}` : "";
      return {
        question: `Allow ${tool}?`,
        exact: summary + details,
        effect: "The agent asks before it uses this tool.",
      };
    }
  }
}

interface Answer {
  decision: Decision;
  label: string;
  /** While it is sent. */
  busy: string;
  keyName?: string;
  look: "primary" | "plain" | "danger";
}

/** The answers, in their order: yes, and no. Those of a kind stay together where there is no room for all. */
const ANSWERS: readonly (readonly Answer[])[] = [
  [
    { decision: "approved", label: "Allow once", busy: "Allowing", keyName: "A", look: "primary" },
    {
      decision: "approved_for_session",
      label: "Always allow in this session",
      busy: "Allowing",
      keyName: "S",
      look: "plain",
    },
  ],
  [
    { decision: "denied", label: "Deny", busy: "Denying", keyName: "D", look: "danger" },
    { decision: "abort", label: "Deny and stop", busy: "Stopping the run", look: "danger" },
  ],
];

const ONCE = ANSWERS.map((some) => some.filter(({ decision }) => decision !== "approved_for_session"));

const isNo = (decision: Decision): boolean => decision === "denied" || decision === "abort";

/** A question of the agent. A, S and D answer while the card has the focus, and only then. */
export function ApprovalCard({
  approval,
  ref,
}: {
  approval: ApprovalView;
  ref?: Ref<HTMLElement> | undefined;
}) {
  const id = useId();
  const card = useRef<HTMLElement>(null);
  useImperativeHandle<HTMLElement | null, HTMLElement | null>(ref, () => card.current);
  const armed = useArmed(card);
  const { approve: disabledReason } = useOpened().disabledReason;
  const [reason, setReason] = useState("");
  const { question, exact, effect } = asked(approval);
  const { sameCalls } = approval;
  // Leave for the rest of the session would not hold for a call that repeats.
  const answers = sameCalls === undefined ? ANSWERS : ONCE;
  const diffs = diffsOf(approval);
  const notes = (approval.notes ?? []).flatMap(noteSentences);
  const said = text(approval.request.description);
  const covers = coverOf(approval).words.replace("/workspace/", "");
  const decide = useAction(async (decision: Decision, rule?: OfferedRule) => {
    const said = (isNo(decision) && reason.trim()) || undefined;
    await sendAnswer(async () =>
      rule
        ? await allowByRule(approval.runId, approval.key, rule)
        : await decideApproval(approval.runId, approval.key, decision, said),
    );
  }, "Couldn't send the answer");
  const { words: approvers, obstacle } = useApprovers(approval);
  // The card goes with the event that says so.
  const sent = decide.pending || decide.done ? decide.args?.[0] : undefined;
  const off = disabledReason !== undefined || sent !== undefined || !armed;
  const isOff = (decision: Decision) => off || (obstacle !== undefined && !isNo(decision));
  const answer = (decision: Decision, by: Parameters<typeof noteAnswer>[0], rule?: OfferedRule) => {
    if (isOff(decision) || !isAnotherHand(by)) return;
    noteAnswer(by);
    decide.run(decision, rule);
  };
  const onPress = (decision: Decision, event: MouseEvent, rule?: OfferedRule) => {
    const { detail, clientX, clientY } = event;
    const { pointerType } = event.nativeEvent as PointerEvent;
    answer(decision, { detail, clientX, clientY, pointerType }, rule);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target instanceof HTMLInputElement || !isPlainKey(event)) return;
    const decision = answers.flat().find(({ keyName }) => keyName === event.key.toUpperCase())?.decision;
    if (decision === undefined) return;
    event.preventDefault();
    if (!event.repeat) answer(decision, { key: event.key });
  };

  return (
    <AskCard
      ref={card}
      title={sameCalls === undefined ? question : sameCallQuestion(sameCalls)}
      aside={<Expiry at={approval.expiresAt} what="Auto-denies" onExpiry={approval.onExpiry} />}
      describedBy={id}
      testId="approval-card"
      onKeyDown={onKeyDown}
    >
      <div className={askBodyClass}>
        <ScrollRegion
          className={cn(exactClass, "max-h-60 overflow-auto max-sm:max-h-[24dvh]")}
          landmark={false}
          label="What the agent asks for"
        >
          {exact}
        </ScrollRegion>
        {diffs.length > 0 && (
          <div className="overflow-hidden rounded-sm border border-line">
            <Diffs diffs={diffs} wholly className="max-sm:max-h-[30dvh]" />
          </div>
        )}
        {notes.length > 0 && (
          <ul className="list-none text-small text-ink" data-testid="change-notes">
            {notes.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        )}
        <p id={id} className="text-small text-ink-2">
          {said !== undefined && <>The agent says: “{said}”. </>}
          {effect}
        </p>
        {disabledReason === undefined && (
          <Input
            value={reason}
            maxLength={LIMITS.refusalReason.max}
            aria-label="If you deny, tell the agent why (optional)"
            placeholder="If you deny, tell the agent why (optional)"
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        {sameCalls === undefined && (
          <RuleOffer
            approval={approval}
            off={off || obstacle !== undefined}
            onAllow={(rule, event) => onPress("approved", event, rule)}
          />
        )}
        <ActionProblem failure={decide.failure} brief />
      </div>
      <AskFoot
        note={
          disabledReason ?? (
            <>
              {obstacle !== undefined && <span className="block text-ink-2">{obstacle}</span>}
              {approvers !== undefined && <span className="block">{approvers}</span>}
              {sameCalls === undefined ? (
                <>
                  “Always” applies to{" "}
                  <span className="fact text-ink-2 [overflow-wrap:anywhere]" title={covers}>
                    {covers.length > MAX_COVER_CHARS ? `${covers.slice(0, MAX_COVER_CHARS)}…` : covers}
                  </span>{" "}
                  in this session.
                </>
              ) : (
                "It is asked whatever rules allow. Allowed, the agent can repeat it four more times before it is asked again."
              )}
            </>
          )
        }
      >
        {answers.map((some) => (
          <div key={some[0]?.decision} className="flex flex-wrap gap-2 last:ml-auto max-sm:contents">
            {some.map(({ decision, label, busy, keyName, look }) => (
              <Button
                key={decision}
                look={look}
                off={isOff(decision)}
                aria-keyshortcuts={keyName}
                onClick={(event) => onPress(decision, event)}
              >
                {sent === decision ? busy : label}
                {keyName && <Kbd>{keyName}</Kbd>}
              </Button>
            ))}
          </div>
        ))}
      </AskFoot>
    </AskCard>
  );
}
