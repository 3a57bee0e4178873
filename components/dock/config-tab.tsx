"use client";

import Link from "next/link";
import { dollars } from "../../lib/client/format.ts";
import type { KeySource } from "../../lib/domain/catalog.ts";
import type { Session } from "../../lib/domain/session.ts";
import { namesOf, Payer } from "../common/payer.tsx";
import { Fact } from "./status-tab.tsx";

/** What the session was made of, and where each value came from. */
export function ConfigTab({
  session,
  cap,
  keySource,
  autoApprove,
}: {
  session: Session;
  cap: number | null;
  keySource: KeySource;
  autoApprove: boolean;
}) {
  const names = namesOf(session.provider, session.model);
  return (
    <dl className="facts p-3">
      <Fact name="Provider">{names.provider}</Fact>
      <Fact name="Model">
        {names.model} <span className="fact faint">{session.model}</span>
        {session.requestedModel !== null && (
          <span className="text-ink-2"> in place of {session.requestedModel}, which is retired</span>
        )}
      </Fact>
      <Fact name="Environment">{session.environment}</Fact>
      <Fact name="Paid by">
        <span className="inline-flex items-center gap-1.5 align-middle">
          <Payer source={keySource} provider={names.provider} />
        </span>
      </Fact>
      <Fact name="Budget cap">
        {cap === null ? "None" : <span className="fact">{dollars(cap)}</span>}
        <span className="text-ink-2">, set for this session</span>
      </Fact>
      <Fact name="Stops after">
        <span className="fact">{Math.round(session.idleTimeoutMs / 60_000)}</span> min without work
      </Fact>
      <Fact name="Asks before">
        {autoApprove
          ? "Nothing: everything is allowed at once, and logged"
          : "It writes a file, runs a command or uses another tool"}
      </Fact>
      <Fact name="Locked">
        Provider, model and environment stay as they are; the payer changes only where its key is refused.{" "}
        <Link className="link" href="/studio">
          Start another session to change them
        </Link>
      </Fact>
    </dl>
  );
}
