import type { ReactNode } from "react";
import { Shell } from "../../components/shell/shell.tsx";
import { LiveData } from "../../lib/client/live.tsx";
import { env } from "../../lib/server/env.ts";
import { pageMember } from "./member.ts";

export default async function AppLayout({ children }: { children: ReactNode }) {
  const { member, user, organization } = await pageMember();
  return (
    <LiveData url={env().CONVEX_PUBLIC_URL ?? env().CONVEX_URL}>
      <Shell
        account={{ name: user.name, email: user.email, organization: organization.name, role: member.role }}
      >
        {children}
      </Shell>
    </LiveData>
  );
}
