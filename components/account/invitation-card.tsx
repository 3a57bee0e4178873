"use client";

import Link from "next/link";
import { type ReactNode, useState } from "react";
import { signOut, withReturn } from "../../lib/client/account.ts";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { acceptInvitation, declineInvitation } from "../../lib/client/organization.ts";
import type { ShownInvitation } from "../../lib/domain/members.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { ROLE_LABELS } from "../members/role-labels.ts";

function Page({ title, children }: { title: ReactNode; children: ReactNode }) {
  return (
    <>
      <h1 className="text-display font-semibold tracking-tight wrap-anywhere">{title}</h1>
      <div className="mt-2 grid gap-4 text-ink-2">{children}</div>
    </>
  );
}

/** Where Clerk signs people in, invitations are its own. */
export function ClerkInvitation() {
  return (
    <Page title="Invitations are managed in Clerk">
      <p>Open the link in the email from Clerk, or sign in and check your organizations.</p>
      <Link className="btn btn-lg" href="/sign-in">
        Sign in
      </Link>
    </Page>
  );
}

/** A link that leads to no invitation. */
export function UnknownInvitation() {
  return (
    <Page title="Invitation not found">
      <p>The link may be incomplete, or its organization was deleted. Ask for a new one.</p>
      <Link className="btn btn-lg" href="/studio">
        Go to Studio
      </Link>
    </Page>
  );
}

const ENDED = {
  expired: "has expired. Invitations last 7 days.",
  declined: "was declined.",
  withdrawn: "was canceled.",
};

/**
 * Who invites to what, as what, and the answer to it.
 * @param me the address of the signed-in person; undefined where nobody is signed in
 */
export function InvitationCard({ invitation, me }: { invitation: ShownInvitation; me: string | undefined }) {
  const { organization, inviter, email, role, state } = invitation;
  if (state === "accepted")
    return (
      <Page title="This invitation was accepted">
        <p>
          {email} joined {organization} with it. A link works once; anyone else needs their own invitation.
        </p>
        <Link className="btn btn-lg" href="/studio">
          Go to Studio
        </Link>
      </Page>
    );
  if (state !== "open")
    return (
      <Page title="This invitation is no longer valid">
        <p>
          The invitation to {organization} {ENDED[state]} Ask {inviter} for a new one.
        </p>
        <Link className="btn btn-lg" href="/studio">
          Go to Studio
        </Link>
      </Page>
    );
  return (
    <Page title={`Join ${organization}`}>
      <p>
        <strong className="font-semibold text-ink">{inviter}</strong> invited{" "}
        <strong className="font-semibold text-ink wrap-anywhere">{email}</strong> to {organization} as{" "}
        <strong className="font-semibold text-ink">{ROLE_LABELS[role].as}</strong>.
      </p>
      <p>
        {ROLE_LABELS[role].name}: {ROLE_LABELS[role].may}
      </p>
      {me === undefined ? (
        <SignedOut invitation={invitation} />
      ) : me.toLowerCase() === email.toLowerCase() ? (
        <Answer invitation={invitation} />
      ) : (
        <WrongAccount invitation={invitation} me={me} />
      )}
    </Page>
  );
}

function SignedOut({ invitation }: { invitation: ShownInvitation }) {
  const back = { next: `/invite/${invitation.id}`, email: invitation.email };
  return (
    <div className="grid gap-2">
      <Link className="btn btn-primary btn-lg" href={withReturn("/sign-up", back)}>
        Create an account
      </Link>
      <Link className="btn btn-lg" href={withReturn("/sign-in", back)}>
        I already have an account
      </Link>
    </div>
  );
}

function Answer({ invitation }: { invitation: ShownInvitation }) {
  const [busy, setBusy] = useState<"accept" | "decline">();
  const [problem, setProblem] = useState<{ title: string; error: ApiError }>();
  const answer = async (kind: "accept" | "decline") => {
    if (busy) return;
    setBusy(kind);
    setProblem(undefined);
    try {
      await (kind === "accept" ? acceptInvitation(invitation.id) : declineInvitation(invitation.id));
      if (kind === "accept") window.location.assign("/studio");
      else window.location.reload();
    } catch (error) {
      const title = kind === "accept" ? "Couldn't join the organization" : "Couldn't decline the invitation";
      setProblem({ title, error: asApiError(error) });
      setBusy(undefined);
    }
  };
  return (
    <div className="grid gap-2">
      {problem && <ProblemNotice title={problem.title} error={problem.error} />}
      <button
        type="button"
        className="btn btn-primary btn-lg"
        aria-disabled={busy !== undefined}
        onClick={() => void answer("accept")}
      >
        {busy === "accept" ? "Joining" : "Accept and join"}
      </button>
      <button
        type="button"
        className="btn btn-lg"
        aria-disabled={busy !== undefined}
        onClick={() => void answer("decline")}
      >
        {busy === "decline" ? "Declining" : "Decline"}
      </button>
    </div>
  );
}

function WrongAccount({ invitation, me }: { invitation: ShownInvitation; me: string }) {
  const [problem, setProblem] = useState<ApiError>();
  const change = async () => {
    setProblem(undefined);
    try {
      await signOut();
      window.location.reload();
    } catch (error) {
      setProblem(asApiError(error));
    }
  };
  return (
    <div className="grid gap-3">
      <p className="wrap-anywhere">
        You're signed in as <strong className="font-semibold text-ink">{me}</strong>, but this invitation is
        for {invitation.email}. Sign out and come back as that person, or ask {invitation.inviter} to invite{" "}
        {me}.
      </p>
      {problem && <ProblemNotice title="Couldn't sign you out" error={problem} />}
      <button type="button" className="btn btn-lg" onClick={() => void change()}>
        Sign out and come back
      </button>
      <Link className="link" href="/studio">
        Go to Studio
      </Link>
    </div>
  );
}
