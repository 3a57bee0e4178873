"use client";

import { useAction } from "#client/action.ts";
import { allowHost } from "#client/settings.ts";
import { entryFor, parseHost, policyAllows } from "#domain/network.ts";
import type { NoticeItem } from "#domain/session-view.ts";
import { Button } from "../ui/button.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened, useSessionState } from "./session-context.tsx";

/** What can be done about a connection that the network policy has refused. */
export function AllowHost({
  refused: { host, port, reason },
}: {
  refused: NonNullable<NoticeItem["refused"]>;
}) {
  const { session, disabledReason } = useOpened();
  const { view } = useSessionState();
  const entry = entryFor(host, port);
  const allow = useAction(async () => await allowHost(session.environment, entry), `Couldn't allow ${entry}`);
  const { network } = view;
  if (reason !== "policy" || !network) return null;
  if (policyAllows(network, host, port)) return <p>It's allowed now.</p>;
  const parsed = parseHost(entry);
  // An address, such as that of a cloud's metadata: no policy can list it.
  if (!parsed.ok) return <p>{parsed.fault}</p>;
  if (network.mode === "closed")
    return <p>The policy is closed. An admin can change it under Settings, Network.</p>;
  if (disabledReason.network !== undefined) return <p>An admin can allow it under Settings, Network.</p>;
  if (allow.done) return <p>Allowed. The sandbox follows within seconds.</p>;
  return (
    <div className="mt-2 grid justify-items-start gap-2">
      <Button action={allow} busy="Allowing">
        Allow {entry} for this organization
      </Button>
      <ActionProblem failure={allow.failure} />
    </div>
  );
}
