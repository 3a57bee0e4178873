import type { Metadata } from "next";
import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { Sheet } from "#components/account/sheet.tsx";
import { ConfirmLogin, LoginCodeForm } from "#components/account/command-login.tsx";
import { loginCode } from "#domain/command-login.ts";
import { openLogin } from "#server/auth/command-login.ts";
import { memberOf, signedIn } from "#server/auth/principal.ts";

// What a link to this page carries is for one person: it is neither indexed nor told to other sites.
export const metadata: Metadata = {
  title: "Log in to struere",
  referrer: "no-referrer",
  robots: { index: false, follow: false },
};

/** One value of each, as text. */
const first = (value: string | string[] | undefined): string =>
  (Array.isArray(value) ? value[0] : value) ?? "";

/** Where a person confirms a login of the `struere` command, in the organization that they work in. */
export default async function AuthorizePage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const asked = await searchParams;
  const [code, port, state] = [first(asked["code"]), first(asked["port"]), first(asked["state"])];
  const query = new URLSearchParams({ code, ...(port !== "" && { port, state }) });
  const path = `/authorize${code === "" ? "" : `?${query.toString()}`}`;
  const who = await signedIn(await headers());
  if (!who) redirect(`/sign-in?next=${encodeURIComponent(path)}`);
  const member = await memberOf(who);
  if (!member || !who.organization) redirect("/organizations/new");
  const plain = loginCode(code);
  const login = plain === null ? null : await openLogin(member, plain);
  const isPort = /^\d{4,5}$/.test(port) && Number(port) <= 65_535;
  return (
    <Sheet>
      {login ? (
        <ConfirmLogin
          login={login}
          back={isPort ? { port: Number(port), state } : null}
          organization={who.organization.name}
          email={who.user.email}
        />
      ) : (
        <LoginCodeForm unknown={code} />
      )}
    </Sheet>
  );
}
