"use client";

import Link from "next/link";
import { type RunDecision, type RunRow, useRunDecisions, useRunWebhook } from "#client/live-runs.ts";
import { useFormat } from "#client/locale.tsx";
import { namesOf } from "../common/payer.tsx";
import { Button } from "../ui/button.tsx";
import { Chip } from "../ui/chip.tsx";
import { Dialog, DialogTitle } from "../ui/dialog.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";

const headClass = "mt-3 text-small font-medium text-ink-2";

/** One run: what it was, what decided on what its agent asked, and how its end is told. */
export function RunDetails({ run, onClose }: { run: RunRow; onClose: () => void }) {
  const f = useFormat();
  const { input, agentName, provider, model, startedAt, completedAt, error } = run;
  return (
    <Dialog
      onClose={onClose}
      className="w-[560px]"
      title={
        <DialogTitle className="truncate text-base font-semibold">{input.trim().slice(0, 200)}</DialogTitle>
      }
    >
      <Facts className="mt-2">
        <Fact name="Session">
          <Link className="link" href={`/studio/${run.sessionId}`}>
            Open
          </Link>
        </Fact>
        <Fact name="Asked">{f.exact(run._creationTime)}</Fact>
        {agentName !== undefined && <Fact name="Agent">{agentName}</Fact>}
        {provider !== undefined && model !== undefined && (
          <Fact name="Model">{namesOf(provider, model).model}</Fact>
        )}
        <Fact name="Cost">{f.dollars(run.totalCostMicroUsd)}</Fact>
        {startedAt !== undefined && completedAt !== undefined && (
          <Fact name="Took">{f.duration(completedAt - startedAt)}</Fact>
        )}
        {error !== undefined && (
          <Fact name="Error">
            <span className="text-danger">{error}</span>
          </Fact>
        )}
      </Facts>
      <Live refused="Couldn't load more of this run" meanwhile="the run goes on all the same">
        <Decisions runId={run._id} />
        <Webhook runId={run._id} />
      </Live>
      <div className="mt-4">
        <Button onClick={onClose}>Close</Button>
      </div>
    </Dialog>
  );
}

const UNDECIDED: Record<string, string> = {
  timeout: "Nobody answered in time",
  run_ended: "The run ended first",
  agent_restarted: "The agent restarted",
  withdrawn: "The agent withdrew it",
  violation: "It ran before anyone decided",
};

/** What decided, as people read it. */
const deciderOf = ({ decision, reason, decidedBy }: RunDecision): string =>
  decision === "pending" ? "Waits for a person" : (decidedBy ?? UNDECIDED[reason ?? ""] ?? "");

const DECISIONS = {
  pending: { glyph: "waiting", tone: "warning", word: "Waiting" },
  approved: { glyph: "done", tone: "success", word: "Allowed" },
  denied: { glyph: "denied", tone: "danger", word: "Denied" },
  bypassed: { glyph: "denied", tone: "danger", word: "Ran without approval" },
} as const;

function Decisions({ runId }: { runId: string }) {
  const decisions = useRunDecisions(runId);
  return (
    <>
      <h3 className={headClass}>Approvals</h3>
      {!decisions && <Loading>Loading approvals</Loading>}
      {decisions?.length === 0 && <p className="text-small">The agent asked for nothing.</p>}
      {decisions && decisions.length > 0 && (
        <ScrollRegion label="Approvals" className="mt-1 max-h-56 overflow-auto">
          <ul className="grid gap-1.5 text-small">
            {decisions.map((decision) => {
              const { word, ...look } = DECISIONS[decision.decision];
              return (
                <li key={decision.key} className="grid grid-cols-[auto_minmax(0,1fr)] items-start gap-x-2">
                  <Chip {...look}>{word}</Chip>
                  <span className="min-w-0">
                    <span className="mono block wrap-anywhere">{decision.summary}</span>
                    <span className="text-ink-3">{deciderOf(decision)}</span>
                  </span>
                </li>
              );
            })}
          </ul>
        </ScrollRegion>
      )}
    </>
  );
}

const DELIVERY = {
  waiting: { glyph: "waiting", tone: "neutral", word: "Waits for the run's end" },
  due: { glyph: "active", tone: "accent", word: "Sending" },
  delivered: { glyph: "done", tone: "success", word: "Delivered" },
  failed: { glyph: "error", tone: "danger", word: "Not delivered" },
} as const;

function Webhook({ runId }: { runId: string }) {
  const f = useFormat();
  const webhook = useRunWebhook(runId);
  if (!webhook) return null;
  const { url, status, attempts, dueAt, lastStatus, lastError, deliveredAt } = webhook;
  const { word, ...look } = DELIVERY[status];
  const cause = lastError ?? (lastStatus === undefined ? undefined : `Status ${lastStatus}`);
  return (
    <>
      <h3 className={headClass}>Webhook</h3>
      <Facts className="mt-1">
        <Fact name="State">
          <Chip {...look}>{word}</Chip>
        </Fact>
        <Fact name="Address">
          <span className="mono">{url}</span>
        </Fact>
        {attempts > 0 && <Fact name="Attempts">{attempts}</Fact>}
        {status !== "delivered" && cause !== undefined && <Fact name="Last attempt">{cause}</Fact>}
        {status === "due" && attempts > 0 && <Fact name="Next attempt">{f.exact(dueAt)}</Fact>}
        {deliveredAt !== undefined && <Fact name="Delivered">{f.exact(deliveredAt)}</Fact>}
      </Facts>
    </>
  );
}
