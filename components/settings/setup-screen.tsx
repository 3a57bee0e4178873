"use client";

import { useSetups } from "#client/live-settings.ts";
import { ENVIRONMENTS } from "#domain/catalog.ts";
import { PROJECT_SCOPE } from "#domain/setup.ts";
import { Live } from "../ui/live.tsx";
import { PageHead } from "./page-head.tsx";
import { SetupCard } from "./setup-card.tsx";
import { SetupStatus } from "./setup-status.tsx";
import { ViewOnly } from "./view-only.tsx";

/** The scripts that prepare new sandboxes, per environment. */
export function SetupScreen({ disabledReason }: { disabledReason: string | undefined }) {
  return (
    <>
      <PageHead title="Set-up">
        A script that prepares new sandboxes, such as one that installs packages. It runs once, and sessions
        begin with a snapshot of the result.
      </PageHead>
      <Live refused="Couldn't load the set-up" meanwhile="sessions keep being set up">
        <Setups disabledReason={disabledReason} />
      </Live>
    </>
  );
}

function Setups({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useSetups();
  if (!rows) return <p className="text-ink-3">Loading</p>;
  const off = disabledReason !== undefined;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <ViewOnly why={disabledReason} />
      {ENVIRONMENTS.map((environment) => {
        const row = rows.find((one) => one.environment === environment && one.scope === PROJECT_SCOPE);
        return (
          <SetupCard
            key={`${environment} ${row ? "kept" : "new"}`}
            environment={environment}
            row={row}
            off={off}
          >
            {row && <SetupStatus row={row} off={off} />}
          </SetupCard>
        );
      })}
    </div>
  );
}
