import type { Metadata } from "next";
import { headers } from "next/headers";
import { ClerkInvitation, InvitationCard, UnknownInvitation } from "#components/account/invitation-card.tsx";
import { Sheet } from "#components/account/sheet.tsx";
import { invitationOf } from "#server/auth/organization.ts";
import { signedIn } from "#server/auth/principal.ts";
import { usesClerk } from "#server/env.ts";

// The address is what opens the door: it is neither indexed nor told to other sites.
export const metadata: Metadata = {
  title: "Invitation",
  referrer: "no-referrer",
  robots: { index: false, follow: false },
};

export default async function InvitationPage({ params }: { params: Promise<{ id: string }> }) {
  if (usesClerk())
    return (
      <Sheet>
        <ClerkInvitation />
      </Sheet>
    );
  const { id } = await params;
  const [invitation, who] = await Promise.all([invitationOf(id), signedIn(await headers())]);
  return (
    <Sheet>
      {invitation ? <InvitationCard invitation={invitation} me={who?.user.email} /> : <UnknownInvitation />}
    </Sheet>
  );
}
