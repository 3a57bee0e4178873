"use client";

import { useState } from "react";
import { useSetups } from "#client/live-settings.ts";
import type { SetupPlace } from "#client/settings.ts";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { PROJECT_SCOPE } from "#domain/setup.ts";
import { Live } from "../ui/live.tsx";
import { PageHead } from "./page-head.tsx";
import { RepositorySetup } from "./repository-setup.tsx";
import { SetupCard } from "./setup-card.tsx";
import { SetupStatus } from "./setup-status.tsx";
import { ViewOnly } from "./view-only.tsx";

/** The scripts that prepare new sandboxes, per environment. */
export function SetupScreen({ disabledReason }: { disabledReason: string | undefined }) {
  return (
    <>
      <PageHead title="Set-up">
        A script that prepares new sandboxes, such as one that installs packages. It runs once, and sessions
        begin with a snapshot of the result. A repository can have one of its own.
      </PageHead>
      <Live refused="Couldn't load the set-up" meanwhile="sessions keep being set up">
        <Setups disabledReason={disabledReason} />
      </Live>
    </>
  );
}

function Setups({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useSetups();
  const [begun, setBegun] = useState<SetupPlace>();
  if (!rows) return <p className="text-ink-3">Loading</p>;
  const off = disabledReason !== undefined;
  const find = ({ environment, scope }: SetupPlace) =>
    rows.find((one) => one.environment === environment && one.scope === scope);
  const places: SetupPlace[] = [
    ...ENVIRONMENTS.map((environment) => ({ environment, scope: PROJECT_SCOPE })),
    ...rows.filter(({ scope }) => scope !== PROJECT_SCOPE),
    ...(begun && !find(begun) ? [begun] : []),
  ];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <ViewOnly why={disabledReason} />
      {places.map((place) => {
        const row = find(place);
        return (
          <SetupCard
            key={`${place.environment} ${place.scope} ${row ? "kept" : "new"}`}
            place={place}
            row={row}
            off={off}
            {...(place === begun && { onSaved: () => setBegun(undefined) })}
          >
            {row && <SetupStatus row={row} off={off} />}
          </SetupCard>
        );
      })}
      {!off && <RepositorySetup isKnown={(place) => find(place) !== undefined} onBegin={setBegun} />}
    </div>
  );
}
