import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { AuthForm } from "../../components/account/auth-form.tsx";
import { Sheet } from "../../components/account/sheet.tsx";
import { safeNext } from "../../lib/client/account.ts";
import { signedIn } from "../../lib/server/auth/principal.ts";
import { env, usesClerk } from "../../lib/server/env.ts";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignUpPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { next, email } = await searchParams;
  const wanted = typeof next === "string" ? next : undefined;
  if (await signedIn(await headers())) redirect(safeNext(wanted));
  if (usesClerk()) {
    // Loaded only here, so no other page ships it.
    const { ClerkSignUp } = await import("../../lib/server/auth/clerk-pages.tsx");
    return (
      <Sheet>
        <ClerkSignUp next={safeNext(wanted)} />
      </Sheet>
    );
  }
  return (
    <Sheet>
      <AuthForm
        mode="sign-up"
        next={wanted}
        email={typeof email === "string" ? email : undefined}
        accounts={env().STUDIO_SIGN_UP}
      />
    </Sheet>
  );
}
