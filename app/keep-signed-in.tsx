import type { ReactNode } from "react";
import { usesClerk } from "#server/env.ts";

/**
 * Pages that stay open. Where Clerk signs people in, its token lives for a minute, and only its own script in the page
 * renews it: a request of the page itself would otherwise come without a sign-in.
 */
export async function KeepSignedIn({ children }: { children: ReactNode }) {
  if (!usesClerk()) return children;
  // Loaded only where it's needed: nobody else ships it.
  const { ClerkSession } = await import("#server/auth/clerk-pages.tsx");
  return <ClerkSession>{children}</ClerkSession>;
}
