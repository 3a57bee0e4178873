"use client";

import { useAction } from "#client/action.ts";
import { changePayer, type PayerResponse, payerOf } from "#client/api.ts";
import { useResource } from "#client/resource.ts";
import type { KeySource } from "#domain/catalog.ts";
import { AskCard, AskFoot, askBodyClass } from "../ui/ask-card.tsx";
import { Button, ButtonLink } from "../ui/button.tsx";
import { ReadProblem } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";
import { isSent } from "./wait-card.tsx";

const CONTINUE: Record<KeySource, string> = {
  platform: "Continue with platform credits",
  direct: "Continue with the provider's own key",
  openrouter: "Continue with your OpenRouter key",
};

/**
 * The provider has refused the key: the run waits until somebody mends that, or lets the next payer go on.
 * Nothing moves by itself.
 */
export function PayerCard({ detail }: { detail: { status: number; message: string } }) {
  const { session, disabledReason } = useOpened();
  const { interrupt } = useSessionState();
  const payer = useResource<PayerResponse>(["payer", session.id], async () => await payerOf(session.id));
  const change = useAction(
    async (next: KeySource) => await changePayer(session.id, next),
    "Couldn't change the payer",
  );
  const off = disabledReason.drive !== undefined || isSent(change) || interrupt.stopping;
  const next = payer.data?.next;
  return (
    <AskCard
      title="The provider rejected the key, so the run is waiting"
      aside={<span className="fact">{detail.status}</span>}
      testId="payer-card"
    >
      <div className={askBodyClass}>
        <p className="text-small text-ink-2">
          {detail.message} The agent retries every few seconds and continues once an admin replaces or tests
          the key. Nothing switches to another payer unless you choose it.
        </p>
        {payer.data && next === null && <p className="text-small text-ink-2">{payer.data.reason}</p>}
        <ReadProblem of={payer} title="Couldn't load other payment options" />
        <ActionProblem failure={change.failure} />
      </div>
      <AskFoot note={disabledReason.drive}>
        {next && next !== payer.data?.keySource && (
          <Button look="primary" className="max-sm:col-span-full" off={off} onClick={() => change.run(next)}>
            {isSent(change) ? "Changing payer" : CONTINUE[next]}
          </Button>
        )}
        <ButtonLink href="/settings/providers">Open Providers</ButtonLink>
        <Button off={off} onClick={interrupt.run}>
          {interrupt.stopping ? "Stopping this run" : "Stop this run"}
        </Button>
      </AskFoot>
    </AskCard>
  );
}
