"use client";

import { useAction } from "#client/action.ts";
import type { SetupRow } from "#client/live-settings.ts";
import { allowHost } from "#client/settings.ts";
import { entryFor, parseHost } from "#domain/network.ts";
import { Button } from "../ui/button.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

type Refused = NonNullable<SetupRow["build"]>["refused"][number];

/** What the network policy kept from the last run of a script, and what can be done about it. */
export function SetupRefused({ row: { build, environment }, off }: { row: SetupRow; off: boolean }) {
  const refused = build?.refused ?? [];
  if (refused.length === 0) return null;
  return (
    <Notice tone="warning" title="The last run was refused connections">
      <ul className="grid gap-2">
        {refused.map((one) => (
          <RefusedHost key={`${one.host} ${one.port}`} refused={one} environment={environment} off={off} />
        ))}
      </ul>
    </Notice>
  );
}

function RefusedHost({
  refused: { host, port, reason },
  environment,
  off,
}: {
  refused: Refused;
  environment: SetupRow["environment"];
  off: boolean;
}) {
  const entry = entryFor(host, port);
  const allow = useAction(async () => await allowHost(environment, entry), `Couldn't allow ${entry}`);
  const canBeListed = reason === "policy" && parseHost(entry).ok;
  return (
    <li className="grid justify-items-start gap-2">
      <span>
        <span className="fact wrap-anywhere">{entry}</span>
        {reason === "private" && ", which is on a private network"}
        {reason === "operator" && ", which the operator keeps closed"}
        {canBeListed && off && ". An admin can allow it under Settings, Network."}
      </span>
      {canBeListed && !off && !allow.done && (
        <Button size="sm" action={allow} busy="Allowing">
          Allow {entry} for this organization
        </Button>
      )}
      {allow.done && <span>Allowed. Run the script again.</span>}
      <ActionProblem failure={allow.failure} />
    </li>
  );
}
