import type { Metadata } from "next";
import { authPage, type AuthPageProps } from "./auth-page.tsx";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage(props: AuthPageProps) {
  return await authPage("sign-in", props, async (next) => {
    // Loaded only here, so no other page ships it.
    const { ClerkSignIn } = await import("#server/auth/clerk-pages.tsx");
    return <ClerkSignIn next={next} />;
  });
}
