"use client";

import Link from "next/link";
import { safeNext, signIn, signUp, withReturn } from "#client/account.ts";
import type { ApiError } from "#client/api.ts";
import { useForm } from "#client/form.ts";
import { leaveFor } from "#client/leave.ts";
import { MIN_PASSWORD_CHARS } from "#domain/limits.ts";
import { Field } from "../ui/field.tsx";
import { FormBody, SubmitButton } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { SheetHead } from "./sheet.tsx";

const PASSWORD_CODES = ["PASSWORD_TOO_SHORT", "PASSWORD_TOO_LONG", "PASSWORD_TOO_WEAK"];
const passwordProblem = ({ code, message }: ApiError): Record<string, string> =>
  PASSWORD_CODES.includes(code) ? { password: message } : {};

const WORDS = {
  "sign-in": { title: "Sign in", busy: "Signing in", failed: "Couldn't sign in", other: "New here?" },
  "sign-up": {
    title: "Create an account",
    busy: "Creating account",
    failed: "Couldn't create the account",
    other: "Already have an account?",
  },
};

/** Signs a person in, or makes their account. */
export function AuthForm({
  mode,
  next,
  email = "",
  accounts,
}: {
  mode: "sign-in" | "sign-up";
  /** Who may make an account here. */
  accounts: "open" | "invited" | "closed";
  next: string | undefined;
  /** The address of an invitation: it is the only one that can accept it. */
  email?: string | undefined;
}) {
  const isNew = mode === "sign-up";
  const words = WORDS[mode];
  // Who is invited goes back to the invitation, and needs no organization of their own.
  const invited = next?.startsWith("/invite/") ?? false;
  const form = useForm({
    initial: { name: "", email, password: "" },
    send: async (typed) => {
      const account = { email: typed.email.trim(), password: typed.password };
      if (isNew) await signUp({ ...account, name: typed.name.trim() });
      else await signIn(account);
      await leaveFor(isNew && !invited ? "/organizations/new" : safeNext(next));
    },
    failed: words.failed,
    problemsOf: passwordProblem,
  });
  const other = withReturn(isNew ? "/sign-in" : "/sign-up", {
    next,
    email: email === "" ? undefined : email,
  });
  return (
    <>
      <SheetHead
        {...(isNew && !invited && { step: "Step 1 of 2" })}
        title={words.title}
        text="Work with an agent. Decide what it may do."
      />
      <FormBody form={form} checkedByBrowser className="grid gap-4">
        {isNew && (
          <Field
            label="Name"
            {...form.field("name")}
            dense={false}
            autoComplete="name"
            required
            maxLength={100}
          />
        )}
        <Field
          label="Email"
          {...form.field("email")}
          dense={false}
          type="email"
          autoComplete="username"
          required
          {...(invited && email !== "" && { hint: "The invitation is for this address only." })}
        />
        <Field
          label="Password"
          {...form.field("password")}
          dense={false}
          type="password"
          autoComplete={isNew ? "new-password" : "current-password"}
          required
          minLength={isNew ? MIN_PASSWORD_CHARS : 1}
          maxLength={128}
          {...(isNew && { hint: `At least ${MIN_PASSWORD_CHARS} characters` })}
        />
        {form.failure && (
          <Notice tone="error" title={form.failure.title} alert>
            <p>{form.failure.error.message}</p>
          </Notice>
        )}
        <SubmitButton
          form={form}
          size="lg"
          submit={{ label: isNew ? "Create account" : words.title, busy: words.busy }}
        />
      </FormBody>
      {isNew && accounts !== "open" && !invited && (
        <p className="mt-6 text-ink-2">
          {accounts === "closed"
            ? "Sign-up is closed on this Studio."
            : "Sign-up is by invitation only. Open the link you were sent."}
        </p>
      )}
      {(isNew || accounts === "open" || invited) && (
        <p className="mt-6 text-ink-2">
          {words.other}{" "}
          <Link className="link" href={other}>
            {WORDS[isNew ? "sign-in" : "sign-up"].title}
          </Link>
        </p>
      )}
    </>
  );
}
