import { headers } from "next/headers";
import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { AuthForm } from "#components/account/auth-form.tsx";
import { Sheet } from "#components/account/sheet.tsx";
import { safeNext } from "#client/account.ts";
import { signedIn } from "#server/auth/principal.ts";
import { env, usesClerk } from "#server/env.ts";

export interface AuthPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/**
 * The page that signs a person in, or makes their account; who is signed in goes on to where they wanted.
 * @param clerk draws Clerk's own form, where Clerk signs people in
 */
export async function authPage(
  mode: "sign-in" | "sign-up",
  { searchParams }: AuthPageProps,
  clerk: (next: string) => Promise<ReactNode>,
) {
  const { next, email } = await searchParams;
  const wanted = typeof next === "string" ? next : undefined;
  if (await signedIn(await headers())) redirect(safeNext(wanted));
  return (
    <Sheet>
      {usesClerk() ? (
        await clerk(safeNext(wanted))
      ) : (
        <AuthForm
          mode={mode}
          next={wanted}
          email={typeof email === "string" ? email : undefined}
          accounts={env().STUDIO_SIGN_UP}
        />
      )}
    </Sheet>
  );
}
