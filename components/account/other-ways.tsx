"use client";

import Link from "next/link";
import { signOut } from "#client/account.ts";
import { useAction } from "#client/action.ts";
import { leaveFor } from "#client/leave.ts";
import { type OrganizationEntry, setActive } from "#client/organization.ts";
import { Button } from "../ui/button.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

/** Below the form of a new organization: what else a person can do who is in none, or in others. */
export function OtherWays({ organizations }: { organizations: readonly OrganizationEntry[] }) {
  const go = useAction(async (act: () => Promise<unknown>, path: string) => {
    await act();
    await leaveFor(path);
  }, "Couldn't continue");
  return (
    <div className="mt-6 grid gap-3 border-t border-line pt-4 text-ink-2">
      {organizations.length > 0 ? (
        <div className="grid gap-2">
          <p>Or continue in:</p>
          <div className="flex flex-wrap gap-2">
            {organizations.map(({ id, name }) => (
              <Button key={id} onClick={() => go.run(async () => await setActive(id), "/studio")}>
                {name}
              </Button>
            ))}
          </div>
        </div>
      ) : (
        <p>Were you invited? Open the link you were sent; you don't need your own organization.</p>
      )}
      <p className="flex flex-wrap gap-4">
        <Link className="link" href="/settings/account">
          Your account
        </Link>
        <button type="button" className="link" onClick={() => go.run(signOut, "/sign-in")}>
          Sign out
        </button>
      </p>
      <ActionProblem failure={go.failure} brief />
    </div>
  );
}
