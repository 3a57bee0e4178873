"use client";

import { useId, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { invite } from "../../lib/client/organization.ts";
import { type MemberRole, rolesToGive } from "../../lib/domain/members.ts";
import { Field } from "../account/field.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "../settings/form-card.tsx";
import { ROLE_LABELS } from "./role-labels.ts";

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
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<MemberRole>("member");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [other, setOther] = useState<ApiError>();
  const id = useId();

  const submit = async () => {
    if (busy) return;
    setOther(undefined);
    const address = email.trim().toLowerCase();
    if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address))
      return setProblems({ email: "Enter an email address, such as sam@example.com." });
    setProblems({});
    setBusy(true);
    try {
      const made = await invite(address, role);
      onInvited({ id: made.id, email: address, role });
    } catch (error) {
      setOther(asApiError(error));
      setBusy(false);
    }
  };

  return (
    <FormCard title="Invite a member" problems={problems} takesFocus onSubmit={() => void submit()}>
      <div className="grid grid-cols-[minmax(0,1fr)_180px] gap-4 max-sm:grid-cols-1">
        <Field
          label="Email"
          name="email"
          type="email"
          dense
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          autoComplete="off"
          maxLength={200}
          hint="They sign in or sign up with this address."
          problem={problems.email}
        />
        <div className="field content-start">
          <label htmlFor={id}>Role</label>
          <select
            id={id}
            className="input select"
            value={role}
            onChange={(event) =>
              setRole(rolesToGive(mine).find((known) => known === event.target.value) ?? "member")
            }
          >
            {rolesToGive(mine).map((known) => (
              <option key={known} value={known}>
                {ROLE_LABELS[known].name}
              </option>
            ))}
          </select>
        </div>
      </div>
      <p className="text-small text-ink-2">
        {ROLE_LABELS[role].name}: {ROLE_LABELS[role].may}
      </p>
      {other && <ProblemNotice title="Couldn't create the invitation" error={other} />}
      <div className="flex flex-wrap items-center gap-2">
        <button type="submit" className="btn btn-primary" aria-disabled={busy}>
          {busy ? "Creating link" : "Create link"}
        </button>
        <button type="button" className="btn btn-quiet" onClick={onCancel}>
          Cancel
        </button>
        <span className="text-small text-ink-3 sm:ml-auto">
          We don't send email: you share the link. It lasts 7 days.
        </span>
      </div>
    </FormCard>
  );
}
