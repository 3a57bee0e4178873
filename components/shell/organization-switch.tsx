"use client";

import { Plus } from "lucide-react";
import { useAction } from "#client/action.ts";
import { leaveFor } from "#client/leave.ts";
import { listOrganizations, setActive } from "#client/organization.ts";
import { useResource } from "#client/resource.ts";
import { MenuChoices, MenuItem } from "../ui/menu.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** In the account menu: the person's organizations, the one they work in, and a new one. */
export function OrganizationSwitch({ current, name }: { current: string; name: string }) {
  // It is read each time the menu opens: invitations are accepted elsewhere.
  const found = useResource(["organizations"], listOrganizations);
  const change = useAction(async (id: string) => {
    await setActive(id);
    await leaveFor("/studio");
  }, "Couldn't switch the organization");
  const entries = found.data ?? [{ id: current, name }];
  return (
    <>
      <MenuChoices
        label="Organization"
        value={current}
        items={entries.map((entry) => ({
          value: entry.id,
          name: entry.name,
          staysOpen: entry.id !== current,
        }))}
        onChange={(id) => id !== current && change.run(id)}
      />
      <MenuItem icon={Plus} onClick={() => window.location.assign("/organizations/new")}>
        New organization
      </MenuItem>
      <div className="px-2 py-1 empty:hidden">
        <ActionProblem failure={change.failure} brief />
        {found.problem && (
          <p role="alert" className="text-small text-danger">
            {found.problem.message}
          </p>
        )}
      </div>
    </>
  );
}
