"use client";

import type { UsedOrganization } from "#client/operator.ts";
import { Moment } from "../common/moment.tsx";
import { ButtonLink } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";

/** Whether the organization lets its sessions be read; where it does not, how to ask. */
export function SupportCard({
  organization,
  support,
}: {
  organization: string;
  support: UsedOrganization["support"];
}) {
  return (
    <Card>
      <CardHead title="Support access" />
      <div className="grid gap-3 p-3.5">
        {support ? (
          <>
            <p className="wrap-anywhere text-ink-2">
              You can read its sessions until <Moment at={support.until} />: {support.reason} It is told what
              you look at.
            </p>
            <div>
              <ButtonLink href={`/operator/organizations/${organization}/sessions`}>
                Read its sessions
              </ButtonLink>
            </div>
          </>
        ) : (
          <p className="text-ink-2">
            You can't read its sessions. Ask one of its admins to grant it in Settings › Support access, for
            an hour to seven days, with your ticket as the reason.
          </p>
        )}
      </div>
    </Card>
  );
}
