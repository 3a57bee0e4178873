"use client";

import Link from "next/link";
import { useFormat } from "../../lib/client/locale.tsx";
import type { KeySource } from "../../lib/domain/catalog.ts";
import type { Session } from "../../lib/domain/session.ts";
import { namesOf, Payer } from "../common/payer.tsx";
import { Fact } from "./status-tab.tsx";
import { dock as t } from "../../lib/client/messages/dock.ts";
import { fill } from "../../lib/client/messages/text.ts";
import { Rich } from "../ui/rich.tsx";

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
  const f = useFormat();
  const names = namesOf(session.provider, session.model);
  return (
    <dl className="facts p-3">
      <Fact name={t.provider}>{names.provider}</Fact>
      <Fact name={t.model}>
        {names.model} <span className="fact faint">{session.model}</span>
        {session.requestedModel !== null && (
          <span className="text-ink-2">
            {" "}
            {fill(t.inPlaceOfRequestedModelWhich, { requestedModel: session.requestedModel })}
          </span>
        )}
      </Fact>
      <Fact name={t.environment}>{session.environment}</Fact>
      <Fact name={t.paidBy}>
        <span className="inline-flex items-center gap-1.5 align-middle">
          <Payer source={keySource} provider={names.provider} />
        </span>
      </Fact>
      <Fact name={t.budgetCap}>
        {cap === null ? t.none : <span className="fact">{f.dollars(cap)}</span>}
        <span className="text-ink-2">{t.setForThisSession}</span>
      </Fact>
      <Fact name={t.stopsAfter}>
        <Rich
          text={t.minutesMinWithoutWork}
          parts={{ minutes: <span className="fact">{Math.round(session.idleTimeoutMs / 60_000)}</span> }}
        />
      </Fact>
      <Fact name={t.asksBefore}>{autoApprove ? t.nothingEverythingIsAllowedAt : t.itWritesAFileRuns}</Fact>
      <Fact name={t.locked}>
        {t.providerModelAndEnvironmentStay}{" "}
        <Link className="link" href="/studio">
          {t.startAnotherSessionToChange}
        </Link>
      </Fact>
    </dl>
  );
}
