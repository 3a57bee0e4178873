"use client";

import { deleteAccount } from "#client/account.ts";
import { useForm } from "#client/form.ts";
import { leaveFor } from "#client/leave.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { wrongPassword } from "./password-form.tsx";

/** The end of an account; the password is asked, so that it is the person themselves who ends it. */
export function DeleteAccount() {
  const form = useForm({
    initial: { password: "" },
    check: ({ password }) => ({ password: password === "" && "Enter your password to confirm." }),
    send: async ({ password }) => {
      await deleteAccount(password);
      await leaveFor("/sign-in");
    },
    failed: "Couldn't delete the account",
    problemsOf: wrongPassword("password"),
  });
  return (
    <FormCard
      title="Delete account"
      form={form}
      submit={{ label: "Delete account", busy: "Deleting", look: "danger" }}
      inline={
        <Field
          label="Your password"
          {...form.field("password")}
          type="password"
          autoComplete="current-password"
          maxLength={128}
        />
      }
    >
      <p className="max-w-[68ch] text-ink-2">
        You'll be removed from all organizations immediately: your running sessions stop and your API keys are
        revoked. Your work stays with the organizations, without your name. This can't be undone.
      </p>
    </FormCard>
  );
}
