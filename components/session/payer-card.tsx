"use client";

import Link from "next/link";
import { useEffect, useId, useState } from "react";
import {
  type ApiError,
  asApiError,
  cancelRun,
  changePayer,
  type PayerResponse,
  payerOf,
} from "../../lib/client/api.ts";
import type { KeySource } from "../../lib/domain/catalog.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Glyph } from "../ui/glyph.tsx";

const CONTINUE: Record<KeySource, string> = {
  platform: "Continue with platform credits",
  direct: "Continue with the provider's own key",
  openrouter: "Continue with your OpenRouter key",
};

/**
 * The provider has refused the key: the run waits until somebody mends that, or lets the next payer go on.
 * Nothing moves by itself.
 */
export function PayerCard({
  sessionId,
  detail,
  disabledReason,
}: {
  sessionId: string;
  detail: { status: number; message: string };
  /** Why the reader may decide nothing; undefined where they may. */
  disabledReason: string | undefined;
}) {
  const id = useId();
  const [payer, setPayer] = useState<PayerResponse>();
  const [sent, setSent] = useState<"change" | "stop">();
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  const off = disabledReason !== undefined || sent !== undefined;

  useEffect(() => {
    let gone = false;
    payerOf(sessionId).then(
      (found) => !gone && setPayer(found),
      (error: unknown) =>
        !gone && setProblem({ title: "Couldn't load other payment options", error: asApiError(error) }),
    );
    return () => {
      gone = true;
    };
  }, [sessionId]);

  const act = async (what: "change" | "stop", title: string, call: () => Promise<unknown>) => {
    if (off) return;
    setSent(what);
    setProblem(undefined);
    try {
      await call();
    } catch (error) {
      setProblem({ title, error: asApiError(error) });
      setSent(undefined);
    }
  };
  const next = payer?.next;

  return (
    <section className="approval" aria-labelledby={`${id}-title`} data-testid="payer-card">
      <div className="approval-head">
        <Glyph name="waiting" className="text-warning" />
        <h3 id={`${id}-title`}>The provider rejected the key, so the run is waiting</h3>
        <span className="tail fact">{detail.status}</span>
      </div>
      <div className="approval-body">
        <p className="text-small text-ink-2">
          {detail.message} The agent retries every few seconds and continues once an admin replaces or tests
          the key. Nothing switches to another payer unless you choose it.
        </p>
        {payer && next === null && <p className="text-small text-ink-2">{payer.reason}</p>}
        {problem && <ProblemNotice title={problem.title} error={problem.error} />}
      </div>
      <div className="approval-foot">
        {next && next !== payer.keySource && (
          <button
            type="button"
            className="btn btn-primary max-sm:col-span-full"
            aria-disabled={off}
            onClick={() =>
              void act("change", "Couldn't change the payer", async () => await changePayer(sessionId, next))
            }
          >
            {sent === "change" ? "Changing payer" : CONTINUE[next]}
          </button>
        )}
        <Link className="btn" href="/settings/providers">
          Open Providers
        </Link>
        <button
          type="button"
          className="btn"
          aria-disabled={off}
          onClick={() => void act("stop", "Couldn't stop the run", async () => await cancelRun(sessionId))}
        >
          {sent === "stop" ? "Stopping this run" : "Stop this run"}
        </button>
        {disabledReason && <p className="col-span-full w-full text-small text-ink-3">{disabledReason}</p>}
      </div>
    </section>
  );
}
