import type { ReactNode } from "react";
import { Shell } from "#components/shell/shell.tsx";
import { LiveData } from "#client/live.tsx";
import { buildId } from "#server/build.ts";
import { env, usesClerk } from "#server/env.ts";
import { KeepSignedIn } from "../keep-signed-in.tsx";
import { visitor } from "./member.ts";

export default async function AppLayout({ children }: { children: ReactNode }) {
  const { who, member } = await visitor();
  // The page itself sends them on, since it knows where they wanted to go.
  if (!who?.organization || !member) return children;
  const { user, organization } = who;
  return (
    <KeepSignedIn>
      <LiveData url={env().CONVEX_PUBLIC_URL ?? env().CONVEX_URL} build={buildId()}>
        <Shell
          account={{
            name: user.name,
            email: user.email,
            organization: organization.name,
            organizationId: organization.externalId,
            role: member.role,
            userId: member.userId,
            clerk: usesClerk(),
          }}
        >
          {children}
        </Shell>
      </LiveData>
    </KeepSignedIn>
  );
}
