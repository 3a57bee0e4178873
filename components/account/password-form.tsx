"use client";

import { useState } from "react";
import { changePassword } from "../../lib/client/account.ts";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { setActive } from "../../lib/client/organization.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "../settings/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { Field } from "./field.tsx";
import { MIN_PASSWORD_CHARS } from "../../lib/domain/limits.ts";

/** Sets a new password. @param organizationId where the person works, and goes on to work in the new session */
export function PasswordForm({ organizationId }: { organizationId: string | undefined }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [busy, setBusy] = useState(false);
  const [done, setDone] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [other, setOther] = useState<ApiError>();

  const change = async () => {
    if (busy) return;
    setDone(false);
    setOther(undefined);
    const wrong = {
      ...(current === "" && { current: "Enter your current password." }),
      ...(next.length < MIN_PASSWORD_CHARS && {
        next: `Passwords have at least ${MIN_PASSWORD_CHARS} characters.`,
      }),
    };
    setProblems(wrong);
    if (Object.keys(wrong).length > 0) return;
    setBusy(true);
    try {
      await changePassword({ currentPassword: current, newPassword: next });
      setCurrent("");
      setNext("");
      setDone(true);
      if (organizationId !== undefined) await setActive(organizationId);
    } catch (failure) {
      const error = asApiError(failure);
      if (error.code === "INVALID_PASSWORD") setProblems({ current: "That isn't your password." });
      else setOther(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <FormCard title="Password" problems={problems} takesFocus={false} onSubmit={() => void change()}>
      <div className="grid grid-cols-2 items-start gap-4 max-sm:grid-cols-1">
        <Field
          label="Current password"
          type="password"
          dense
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
          autoComplete="current-password"
          maxLength={128}
          problem={problems.current}
        />
        <Field
          label="New password"
          type="password"
          dense
          value={next}
          onChange={(event) => setNext(event.target.value)}
          autoComplete="new-password"
          maxLength={128}
          hint={`At least ${MIN_PASSWORD_CHARS} characters`}
          problem={problems.next}
        />
      </div>
      {other && <ProblemNotice title="Couldn't change the password" error={other} />}
      {done && (
        <Notice tone="done" title="Password changed" alert>
          <p>You're signed out everywhere else.</p>
        </Notice>
      )}
      <div>
        <button type="submit" className="btn" aria-disabled={busy}>
          {busy ? "Changing" : "Change password"}
        </button>
      </div>
    </FormCard>
  );
}
