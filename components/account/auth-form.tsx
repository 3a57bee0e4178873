"use client";

import Link from "next/link";
import { type FormEvent, useState } from "react";
import { safeNext, signIn, signUp, withReturn } from "../../lib/client/account.ts";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { Notice } from "../ui/notice.tsx";
import { Field } from "./field.tsx";
import { MIN_PASSWORD_CHARS } from "../../lib/domain/limits.ts";

const PASSWORD_CODES = ["PASSWORD_TOO_SHORT", "PASSWORD_TOO_LONG", "PASSWORD_TOO_WEAK"];

/** Signs a person in, or makes their account. */
export function AuthForm({
  mode,
  next,
  email,
  accounts,
}: {
  mode: "sign-in" | "sign-up";
  /** Who may make an account here. */
  accounts: "open" | "invited" | "closed";
  next: string | undefined;
  /** The address of an invitation: it is the only one that can accept it. */
  email?: string | undefined;
}) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const isNew = mode === "sign-up";
  // Who is invited goes back to the invitation, and needs no organization of their own.
  const invited = next?.startsWith("/invite/") ?? false;

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    const text = (name: string) => {
      const value = form.get(name);
      return typeof value === "string" ? value : "";
    };
    setBusy(true);
    setProblem(undefined);
    try {
      const account = { email: text("email").trim(), password: text("password") };
      if (isNew) await signUp({ ...account, name: text("name").trim() });
      else await signIn(account);
      // The whole page, so that nothing of another person's is left in it.
      window.location.assign(isNew && !invited ? "/organizations/new" : safeNext(next));
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  };

  const ofPassword = problem && PASSWORD_CODES.includes(problem.code);
  const other = withReturn(isNew ? "/sign-in" : "/sign-up", { next, email });
  return (
    <>
      {isNew && !invited && <p className="label mb-1">Step 1 of 2</p>}
      <h1 className="text-display font-semibold tracking-tight">{isNew ? "Create an account" : "Sign in"}</h1>
      <p className="mt-1 mb-6 text-ink-2">Work with an agent. Decide what it may do.</p>
      <form className="grid gap-4" onSubmit={(event) => void submit(event)}>
        {isNew && <Field label="Name" name="name" autoComplete="name" required maxLength={100} />}
        <Field
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={email}
          {...(invited && email && { hint: "The invitation is for this address only." })}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          required
          minLength={isNew ? MIN_PASSWORD_CHARS : 1}
          maxLength={128}
          {...(isNew && { hint: `At least ${MIN_PASSWORD_CHARS} characters` })}
          problem={ofPassword ? problem.message : undefined}
        />
        {problem && !ofPassword && (
          <Notice tone="error" title={isNew ? "Couldn't create the account" : "Couldn't sign in"} alert>
            <p>{problem.message}</p>
          </Notice>
        )}
        <button type="submit" className="btn btn-primary btn-lg" aria-disabled={busy}>
          {isNew ? (busy ? "Creating account" : "Create account") : busy ? "Signing in" : "Sign in"}
        </button>
      </form>
      {isNew && accounts !== "open" && !invited && (
        <p className="mt-6 text-ink-2">
          {accounts === "closed"
            ? "Sign-up is closed on this Studio."
            : "Sign-up is by invitation only. Open the link you were sent."}
        </p>
      )}
      {(isNew || accounts === "open" || invited) && (
        <p className="mt-6 text-ink-2">
          {isNew ? "Already have an account?" : "New here?"}{" "}
          <Link className="link" href={other}>
            {isNew ? "Sign in" : "Create an account"}
          </Link>
        </p>
      )}
    </>
  );
}
