"use client";

import { Menu } from "@base-ui/react/menu";
import { Check, Plus } from "lucide-react";
import { useEffect, useState } from "react";
import { asApiError } from "../../lib/client/api.ts";
import { listOrganizations, type OrganizationEntry, setActive } from "../../lib/client/organization.ts";

/** In the account menu: the person's organizations, the one they work in, and a new one. */
export function OrganizationSwitch({ current, name }: { current: string; name: string }) {
  const [found, setFound] = useState<readonly OrganizationEntry[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    // It is asked each time the menu opens: invitations are accepted elsewhere.
    let gone = false;
    listOrganizations().then(
      (list) => !gone && setFound(list),
      (error: unknown) => !gone && setProblem(asApiError(error).message),
    );
    return () => {
      gone = true;
    };
  }, []);

  const change = async (id: string) => {
    if (id === current) return;
    setProblem(undefined);
    try {
      await setActive(id);
      // The whole page, so that nothing of the other organization is left in it.
      window.location.assign("/studio");
    } catch (error) {
      setProblem(asApiError(error).message);
    }
  };
  const entries = found ?? [{ id: current, name }];
  return (
    <>
      <Menu.RadioGroup
        aria-label="Organization"
        value={current}
        onValueChange={(id: string) => void change(id)}
      >
        {entries.map((entry) => (
          <Menu.RadioItem
            key={entry.id}
            value={entry.id}
            className="option"
            closeOnClick={entry.id === current}
          >
            <span className="min-w-0 flex-1 truncate">{entry.name}</span>
            <Menu.RadioItemIndicator>
              <Check className="i i-sm text-accent" aria-hidden="true" />
            </Menu.RadioItemIndicator>
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
      <Menu.Item className="option" onClick={() => window.location.assign("/organizations/new")}>
        <Plus className="i i-sm text-ink-3" aria-hidden="true" />
        New organization
      </Menu.Item>
      {problem && (
        <p role="alert" className="px-2 py-1 text-small text-danger">
          {problem}
        </p>
      )}
    </>
  );
}
