import { type Role, roleAtLeast } from "#domain/roles.ts";
import type { Session } from "#domain/session.ts";
import type { DisabledReasons } from "./session-context.tsx";

/** What a member may not do in a session, and why. */
export function disabledReasonsOf(
  { role, userId }: { role: Role; userId: string },
  session: Pick<Session, "environment" | "userId" | "userName" | "importedAt">,
): DisabledReasons {
  const admin = roleAtLeast(role, "admin");
  const network = admin ? undefined : "Only admins can change the network policy.";
  const limit = admin ? undefined : "Only admins can raise a monthly limit.";
  if (!roleAtLeast(role, "member")) {
    const why = "Viewers can only watch.";
    return { drive: why, approve: why, network, limit, branch: why, push: why };
  }
  if (session.importedAt !== null) {
    const why = "This session was imported, so it can only be read.";
    return { drive: why, approve: why, network: why, limit: why, branch: why, push: why };
  }
  const production =
    session.environment === "production" && !admin ? "Only admins can work in production." : undefined;
  const foreign = session.userId !== userId && !admin ? `${session.userName} owns this session.` : undefined;
  return {
    drive: production ?? foreign,
    approve: production,
    network,
    limit,
    branch: production,
    push: production,
  };
}
