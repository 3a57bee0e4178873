import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { signedIn } from "#server/auth/principal.ts";

export default async function Home() {
  redirect((await signedIn(await headers())) ? "/studio" : "/sign-in");
}
