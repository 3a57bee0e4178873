import { ClerkProvider, CreateOrganization, SignIn, SignUp } from "@clerk/nextjs";
import { headers } from "next/headers";
import type { ReactNode } from "react";
import { env } from "../env.ts";

/**
 * Clerk's own context, for pages that show its parts, and for those that stay open: its script renews the token. It
 * comes from the instance's own address.
 */
export async function ClerkSession({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get("x-nonce");
  return (
    <ClerkProvider
      {...(nonce !== null && { nonce })}
      publishableKey={env().CLERK_PUBLISHABLE_KEY ?? ""}
      signInUrl="/sign-in"
      signUpUrl="/sign-up"
      signInFallbackRedirectUrl="/studio"
      signUpFallbackRedirectUrl="/organizations/new"
      telemetry={false}
    >
      {children}
    </ClerkProvider>
  );
}

/** Clerk's sign-in. `next` is a path of Studio's own. */
export function ClerkSignIn({ next }: { next: string }) {
  return (
    <ClerkSession>
      <SignIn routing="hash" fallbackRedirectUrl={next} />
    </ClerkSession>
  );
}

/** Clerk's sign-up. */
export function ClerkSignUp({ next }: { next: string }) {
  return (
    <ClerkSession>
      <SignUp routing="hash" fallbackRedirectUrl={next} />
    </ClerkSession>
  );
}

/** Clerk's form for a new organization. */
export function ClerkNewOrganization() {
  return (
    <ClerkSession>
      <CreateOrganization routing="hash" afterCreateOrganizationUrl="/studio" />
    </ClerkSession>
  );
}
