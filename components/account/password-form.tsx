"use client";

import { changePassword } from "#client/account.ts";
import type { ApiError } from "#client/api.ts";
import { useForm } from "#client/form.ts";
import { setActive } from "#client/organization.ts";
import { MIN_PASSWORD_CHARS } from "#domain/limits.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Notice } from "../ui/notice.tsx";

/** Puts a refused password to the field that took it. */
export const wrongPassword =
  (field: string) =>
  ({ code }: ApiError): Record<string, string> =>
    code === "INVALID_PASSWORD" ? { [field]: "That isn't your password." } : {};

/** Sets a new password. @param organizationId where the person works, and goes on to work in the new session */
export function PasswordForm({ organizationId }: { organizationId: string | undefined }) {
  const form = useForm({
    initial: { current: "", next: "" },
    check: ({ current, next }) => ({
      current: current === "" && "Enter your current password.",
      next: next.length < MIN_PASSWORD_CHARS && `Passwords have at least ${MIN_PASSWORD_CHARS} characters.`,
    }),
    send: async ({ current, next }, set) => {
      await changePassword({ currentPassword: current, newPassword: next });
      set({ current: "", next: "" });
      if (organizationId !== undefined) await setActive(organizationId);
    },
    failed: "Couldn't change the password",
    problemsOf: wrongPassword("current"),
  });
  return (
    <FormCard
      title="Password"
      form={form}
      submit={{ label: "Change password", busy: "Changing", look: "plain" }}
    >
      <div className="grid grid-cols-2 items-start gap-4 max-sm:grid-cols-1">
        <Field
          label="Current password"
          {...form.field("current")}
          type="password"
          autoComplete="current-password"
          maxLength={128}
        />
        <Field
          label="New password"
          {...form.field("next")}
          type="password"
          autoComplete="new-password"
          maxLength={128}
          hint={`At least ${MIN_PASSWORD_CHARS} characters`}
        />
      </div>
      {form.done && (
        <Notice tone="done" title="Password changed" alert>
          <p>You're signed out everywhere else.</p>
        </Notice>
      )}
    </FormCard>
  );
}
