"use client";

import Link from "next/link";
import { useState } from "react";
import { signOut } from "../../lib/client/account.ts";
import { asApiError } from "../../lib/client/api.ts";
import { type OrganizationEntry, setActive } from "../../lib/client/organization.ts";

/** Below the form of a new organization: what else a person can do who is in none, or in others. */
export function OtherWays({ organizations }: { organizations: readonly OrganizationEntry[] }) {
  const [problem, setProblem] = useState<string>();
  const go = async (act: () => Promise<unknown>, path: string) => {
    setProblem(undefined);
    try {
      await act();
      window.location.assign(path);
    } catch (error) {
      setProblem(asApiError(error).message);
    }
  };
  return (
    <div className="mt-6 grid gap-3 border-t border-line pt-4 text-ink-2">
      {organizations.length > 0 ? (
        <div className="grid gap-2">
          <p>Or continue in:</p>
          <div className="flex flex-wrap gap-2">
            {organizations.map(({ id, name }) => (
              <button
                key={id}
                type="button"
                className="btn"
                onClick={() => void go(async () => await setActive(id), "/studio")}
              >
                {name}
              </button>
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
        <button type="button" className="link" onClick={() => void go(signOut, "/sign-in")}>
          Sign out
        </button>
      </p>
      {problem && (
        <p role="alert" className="text-small text-danger">
          {problem}
        </p>
      )}
    </div>
  );
}
