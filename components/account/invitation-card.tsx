"use client";

import Link from "next/link";
import type { ReactNode } from "react";
import { signOut, withReturn } from "#client/account.ts";
import { useAction } from "#client/action.ts";
import { leaveFor, reloadPage } from "#client/leave.ts";
import { acceptInvitation, declineInvitation } from "#client/organization.ts";
import type { ShownInvitation } from "#domain/members.ts";
import { ROLE_LABELS } from "../members/role-labels.ts";
import { Button, ButtonLink } from "../ui/button.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

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
      <ButtonLink size="lg" href="/sign-in">
        Sign in
      </ButtonLink>
    </Page>
  );
}

/** A link that leads to no invitation. */
export function UnknownInvitation() {
  return (
    <Page title="Invitation not found">
      <p>The link may be incomplete, or its organization was deleted. Ask for a new one.</p>
      <ButtonLink size="lg" href="/studio">
        Go to Studio
      </ButtonLink>
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
        <ButtonLink size="lg" href="/studio">
          Go to Studio
        </ButtonLink>
      </Page>
    );
  if (state !== "open")
    return (
      <Page title="This invitation is no longer valid">
        <p>
          The invitation to {organization} {ENDED[state]} Ask {inviter} for a new one.
        </p>
        <ButtonLink size="lg" href="/studio">
          Go to Studio
        </ButtonLink>
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
      <ButtonLink look="primary" size="lg" href={withReturn("/sign-up", back)}>
        Create an account
      </ButtonLink>
      <ButtonLink size="lg" href={withReturn("/sign-in", back)}>
        I already have an account
      </ButtonLink>
    </div>
  );
}

function Answer({ invitation: { id } }: { invitation: ShownInvitation }) {
  const accept = useAction(async () => {
    await acceptInvitation(id);
    await leaveFor("/studio");
  }, "Couldn't join the organization");
  const decline = useAction(async () => {
    await declineInvitation(id);
    await reloadPage();
  }, "Couldn't decline the invitation");
  return (
    <div className="grid gap-2">
      <ActionProblem failure={accept.failure ?? decline.failure} />
      <Button look="primary" size="lg" action={accept} busy="Joining" off={decline.pending}>
        Accept and join
      </Button>
      <Button size="lg" action={decline} busy="Declining" off={accept.pending}>
        Decline
      </Button>
    </div>
  );
}

function WrongAccount({ invitation, me }: { invitation: ShownInvitation; me: string }) {
  const leave = useAction(async () => {
    await signOut();
    await reloadPage();
  }, "Couldn't sign you out");
  return (
    <div className="grid gap-3">
      <p className="wrap-anywhere">
        You're signed in as <strong className="font-semibold text-ink">{me}</strong>, but this invitation is
        for {invitation.email}. Sign out and come back as that person, or ask {invitation.inviter} to invite{" "}
        {me}.
      </p>
      <ActionProblem failure={leave.failure} />
      <Button size="lg" action={leave}>
        Sign out and come back
      </Button>
      <Link className="link" href="/studio">
        Go to Studio
      </Link>
    </div>
  );
}
