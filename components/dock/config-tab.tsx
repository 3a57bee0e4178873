"use client";

import Link from "next/link";
import { useFormat } from "#client/locale.tsx";
import { namesOf, Payer } from "../common/payer.tsx";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { Fact, Facts } from "../ui/facts.tsx";

/** What the session was made of, and where each value came from. */
export function ConfigTab() {
  const f = useFormat();
  const { session } = useOpened();
  const { view, cap } = useSessionState();
  const { keySource = session.keySource, autoApprove = session.autoApprove } = view;
  const names = namesOf(session.provider, session.model);
  return (
    <Facts className="p-3">
      <Fact name="Provider">{names.provider}</Fact>
      <Fact name="Model">
        {names.model} <span className="fact text-ink-3">{session.model}</span>
        {session.requestedModel !== null && (
          <span className="text-ink-2"> instead of {session.requestedModel}, which is retired</span>
        )}
      </Fact>
      <Fact name="Environment">{session.environment}</Fact>
      <Fact name="Paid by">
        <span className="inline-flex items-center gap-1.5 align-middle">
          <Payer source={keySource} provider={names.provider} />
        </span>
      </Fact>
      <Fact name="Spending cap">
        {cap === null ? "None" : <span className="fact">{f.dollars(cap)}</span>}
        <span className="text-ink-2">, set for this session</span>
      </Fact>
      <Fact name="Idle timeout">
        <span className="fact">{Math.round(session.idleTimeoutMs / 60_000)}</span> min
      </Fact>
      <Fact name="Approvals">
        {autoApprove ? "Off (everything is logged)" : "On (for writes, commands, and other tools)"}
      </Fact>
      <Fact name="Locked">
        Provider, model, and environment can't be changed after start; the payer changes only if its key is
        rejected.{" "}
        <Link className="link" href="/studio">
          Start a new session to change them
        </Link>
      </Fact>
    </Facts>
  );
}
