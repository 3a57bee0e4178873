import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { cache } from "react";
import { InspectorScreen } from "#components/inspector/inspector-screen.tsx";
import { SessionStatus } from "#components/sessions/imported.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { crumbHereClass, PageMain, PageTop } from "#components/ui/page-frame.tsx";
import type { Session } from "#domain/session.ts";
import { refusalOf } from "#server/convex/refusal.ts";
import { getSession } from "#server/sessions/read.ts";
import { pageMember } from "../../../member.ts";

type Props = { params: Promise<{ sessionId: string }> };

/** The session, or the page that says that there is none. */
const sessionOr404 = cache(async (sessionId: string): Promise<Session> => {
  const { member } = await pageMember(`/sessions/${encodeURIComponent(sessionId)}/inspect`);
  try {
    return await getSession(member, sessionId);
  } catch (error) {
    if (refusalOf(error)?.code === "not_found") notFound();
    throw error;
  }
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Inspector · ${(await sessionOr404((await params).sessionId)).title}` };
}

export default async function InspectorPage({ params }: Props) {
  const session = await sessionOr404((await params).sessionId);
  return (
    <PageMain>
      <PageTop
        above={[{ name: "Sessions", href: "/sessions", hiddenOnPhone: true }]}
        end={
          <>
            <SessionStatus session={session} />
            <ButtonLink className="ml-auto" href={`/studio/${session.id}`}>
              Open session
            </ButtonLink>
          </>
        }
      >
        <h1 aria-current="page" className={crumbHereClass}>
          {session.title}
        </h1>
      </PageTop>
      <InspectorScreen key={session.id} sessionId={session.id} />
    </PageMain>
  );
}
