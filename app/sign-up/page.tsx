import type { Metadata } from "next";
import { authPage, type AuthPageProps } from "../sign-in/auth-page.tsx";

export const metadata: Metadata = { title: "Create an account" };

export default async function SignUpPage(props: AuthPageProps) {
  return await authPage("sign-up", props, async (next) => {
    // Loaded only here, so no other page ships it.
    const { ClerkSignUp } = await import("#server/auth/clerk-pages.tsx");
    return <ClerkSignUp next={next} />;
  });
}
