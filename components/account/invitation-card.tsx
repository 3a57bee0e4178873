"use client";

import Link from "next/link";
import { type ReactNode, useState } from "react";
import { signOut, withWish } from "../../lib/client/account.ts";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { acceptInvitation, declineInvitation } from "../../lib/client/organization.ts";
import type { ShownInvitation } from "../../lib/domain/people.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { ROLE_WORDS } from "../members/role-words.ts";
import { account as t } from "../../lib/client/messages/account.ts";
import { fill } from "../../lib/client/messages/text.ts";
import { Rich } from "../ui/rich.tsx";

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
    <Page title={t.clerkKeepsTheInvitations}>
      <p>{t.openTheLinkInThe}</p>
      <Link className="btn btn-lg" href="/sign-in">
        {t.signIn}
      </Link>
    </Page>
  );
}

/** A link that leads to no invitation. */
export function UnknownInvitation() {
  return (
    <Page title={t.thereIsNoSuchInvitation}>
      <p>{t.theLinkMayBeCut}</p>
      <Link className="btn btn-lg" href="/studio">
        {t.goToStudio}
      </Link>
    </Page>
  );
}

const ENDED = {
  expired: t.theInvitationToOrganizationHas,
  declined: t.theInvitationToOrganizationWas,
  withdrawn: t.theInvitationToOrganizationWasTaken,
};

/**
 * Who invites to what, as what, and the answer to it.
 * @param me the address of the signed-in person; undefined where nobody is signed in
 */
export function InvitationCard({ invitation, me }: { invitation: ShownInvitation; me: string | undefined }) {
  const { organization, inviter, email, role, state } = invitation;
  if (state === "accepted")
    return (
      <Page title={t.thisInvitationWasAccepted}>
        <p>{fill(t.emailJoinedOrganizationWithIt, { email, organization })}</p>
        <Link className="btn btn-lg" href="/studio">
          {t.goToStudio}
        </Link>
      </Page>
    );
  if (state !== "open")
    return (
      <Page title={t.thisInvitationIsOver}>
        <p>{fill(ENDED[state], { organization, inviter })}</p>
        <Link className="btn btn-lg" href="/studio">
          {t.goToStudio}
        </Link>
      </Page>
    );
  return (
    <Page title={fill(t.joinOrganization, { organization })}>
      <p>
        <Rich
          text={t.inviterInvitesEmailToOrganization}
          parts={{
            inviter: <strong className="font-semibold text-ink">{inviter}</strong>,
            email: <strong className="font-semibold text-ink wrap-anywhere">{email}</strong>,
            organization,
            role: <strong className="font-semibold text-ink">{ROLE_WORDS[role].as}</strong>,
          }}
        />
      </p>
      <p>
        {ROLE_WORDS[role].name}: {ROLE_WORDS[role].may}
      </p>
      {me === undefined ? (
        <SignedOut invitation={invitation} />
      ) : me.toLowerCase() === email.toLowerCase() ? (
        <Answer invitation={invitation} />
      ) : (
        <Foreign invitation={invitation} me={me} />
      )}
    </Page>
  );
}

function SignedOut({ invitation }: { invitation: ShownInvitation }) {
  const wish = { next: `/invite/${invitation.id}`, email: invitation.email };
  return (
    <div className="grid gap-2">
      <Link className="btn btn-primary btn-lg" href={withWish("/sign-up", wish)}>
        {t.createAnAccount}
      </Link>
      <Link className="btn btn-lg" href={withWish("/sign-in", wish)}>
        {t.iHaveOneSignIn}
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
      const title = kind === "accept" ? t.youDidNotJoin : t.theInvitationWasNotDeclined;
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
        {busy === "accept" ? t.joining : t.acceptAndJoin}
      </button>
      <button
        type="button"
        className="btn btn-lg"
        aria-disabled={busy !== undefined}
        onClick={() => void answer("decline")}
      >
        {busy === "decline" ? t.declining : t.decline}
      </button>
    </div>
  );
}

function Foreign({ invitation, me }: { invitation: ShownInvitation; me: string }) {
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
        <Rich
          text={t.youAreSignedInAs}
          parts={{
            name: <strong className="font-semibold text-ink">{me}</strong>,
            email: invitation.email,
            inviter: invitation.inviter,
            me,
          }}
        />
      </p>
      {problem && <ProblemNotice title={t.youAreStillSignedIn} error={problem} />}
      <button type="button" className="btn btn-lg" onClick={() => void change()}>
        {t.signOutAndComeBack}
      </button>
      <Link className="link" href="/studio">
        {t.goToStudio}
      </Link>
    </div>
  );
}
