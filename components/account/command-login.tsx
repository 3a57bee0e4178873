"use client";

import { type ReactNode, useState } from "react";
import { useAction } from "#client/action.ts";
import { decideLogin, type ShownLogin } from "#client/command-login.ts";
import { leaveFor } from "#client/leave.ts";
import { loginRights } from "#domain/command-login.ts";
import { Button } from "../ui/button.tsx";
import { Fact, Facts } from "../ui/facts.tsx";
import { TextField } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { SheetHead } from "./sheet.tsx";

function Page({ title, children }: { title: string; children: ReactNode }) {
  return (
    <>
      <h1 className="text-display font-semibold tracking-tight">{title}</h1>
      <div className="mt-2 grid gap-4 text-ink-2">{children}</div>
    </>
  );
}

/** Where somebody types the code that their terminal shows. @param unknown the code that led to nothing */
export function LoginCodeForm({ unknown }: { unknown: string }) {
  return (
    <form method="get" action="/authorize">
      <SheetHead title="Log in to struere" text="Enter the code that your terminal shows." />
      <div className="grid gap-4">
        <TextField
          label="Code"
          name="code"
          defaultValue={unknown}
          problem={
            unknown === ""
              ? undefined
              : "There's no open login with this code. Codes expire after ten minutes."
          }
          autoComplete="off"
          autoCapitalize="characters"
          maxLength={20}
          required
        />
        <Button look="primary" size="lg" type="submit">
          Continue
        </Button>
      </div>
    </form>
  );
}

/** Who wants a key to what, and the person's answer. @param back where the command waits on this machine */
export function ConfirmLogin({
  login,
  back,
  organization,
  email,
}: {
  login: ShownLogin;
  back: { port: number; state: string } | null;
  organization: string;
  email: string;
}) {
  const { code, flow, machine, environment, role } = login;
  const [decided, setDecided] = useState(login.decision);
  const approve = useAction(async () => {
    const { handover } = await decideLogin(code, true);
    if (handover === null || back === null) return setDecided("approved");
    const query = new URLSearchParams({ handover, state: back.state });
    return await leaveFor(`http://127.0.0.1:${back.port}/callback?${query.toString()}`);
  }, "Couldn't confirm the login");
  const decline = useAction(async () => {
    await decideLogin(code, false);
    setDecided("denied");
  }, "Couldn't decline the login");
  if (decided !== null)
    return (
      <Page title={decided === "approved" ? "You're logged in" : "Login declined"}>
        <output className="block">
          {decided === "approved"
            ? "Return to your terminal. You can close this tab."
            : "The command gets no key. If you didn't start it, nothing more is needed."}
        </output>
      </Page>
    );
  if (flow === "browser" && back === null)
    return (
      <Page title="Open the whole link">
        <p>This login has to come back to your terminal. Open the link again as struere login printed it.</p>
      </Page>
    );
  return (
    <Page title={`Log in to ${organization}`}>
      <p>
        The <code className="mono">struere</code> command on{" "}
        <strong className="font-semibold text-ink">{machine}</strong> asks for a key of yours.
      </p>
      <p className="mono text-title text-ink" aria-label={`Code ${code}`}>
        {code}
      </p>
      <Facts>
        <Fact name="Signed in as">{email}</Fact>
        <Fact name="Organization">{organization}</Fact>
        <Fact name="Environment">{environment}</Fact>
        <Fact name="It can">{loginRights(role, environment)}</Fact>
        <Fact name="Expires">in 30 days, or when you run struere logout</Fact>
      </Facts>
      <Notice tone="warning" title="Did you just run struere login?">
        Confirm only if you did, and if your terminal shows the same code.
      </Notice>
      <div className="grid gap-2">
        <ActionProblem failure={approve.failure ?? decline.failure} />
        <Button look="primary" size="lg" action={approve} busy="Confirming" off={decline.pending}>
          Confirm login
        </Button>
        <Button size="lg" action={decline} busy="Declining" off={approve.pending}>
          Decline
        </Button>
      </div>
    </Page>
  );
}
