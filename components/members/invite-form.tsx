"use client";

import { useForm } from "#client/form.ts";
import { invite } from "#client/organization.ts";
import { type MemberRole, rolesToGive } from "#domain/members.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Choice } from "../ui/select.tsx";
import { ROLE_LABELS, roleOptions } from "./role-labels.ts";

/** Creates an invitation. No email is sent: the inviter shares the link. */
export function InviteForm({
  mine,
  onInvited,
  onCancel,
}: {
  mine: MemberRole;
  onInvited: (invitation: { id: string; email: string; role: MemberRole }) => void;
  onCancel: () => void;
}) {
  const addressOf = (typed: string) => typed.trim().toLowerCase();
  const form = useForm<{ email: string; role: MemberRole }>({
    initial: { email: "", role: "member" },
    check: ({ email }) => ({
      email:
        !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(addressOf(email)) &&
        "Enter an email address, such as sam@example.com.",
    }),
    send: async ({ email, role }) => {
      const address = addressOf(email);
      onInvited({ id: (await invite(address, role)).id, email: address, role });
    },
    failed: "Couldn't create the invitation",
    problemsOf: () => ({}),
  });
  const chosen = ROLE_LABELS[form.values.role];
  return (
    <FormCard
      title="Invite a member"
      form={form}
      focus
      submit={{ label: "Create link", busy: "Creating link" }}
      onCancel={onCancel}
      note="We don't send email: you share the link. It lasts 7 days."
    >
      <div className="grid grid-cols-[minmax(0,1fr)_180px] gap-4 max-sm:grid-cols-1">
        <Field
          label="Email"
          {...form.field("email")}
          type="email"
          autoComplete="off"
          maxLength={200}
          hint="They sign in or sign up with this address."
        />
        <Choice label="Role" {...form.choice("role")} options={roleOptions(rolesToGive(mine))} />
      </div>
      <p className="text-small text-ink-2">
        {chosen.name}: {chosen.may}
      </p>
    </FormCard>
  );
}
