"use client";

import { useState } from "react";
import { changePassword } from "../../lib/client/account.ts";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { setActive } from "../../lib/client/organization.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "../settings/form-card.tsx";
import { Notice } from "../ui/notice.tsx";
import { Field } from "./field.tsx";
import { account as t } from "../../lib/client/messages/account.ts";
import { fill } from "../../lib/client/messages/text.ts";

const MIN_PASSWORD = 10;

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
      ...(current === "" && { current: t.typeThePasswordYouHave }),
      ...(next.length < MIN_PASSWORD && { next: fill(t.aPasswordHasAtLeast, { MIN_PASSWORD }) }),
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
      if (error.code === "INVALID_PASSWORD") setProblems({ current: t.thisIsNotYourPassword });
      else setOther(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <FormCard title={t.password} problems={problems} takesFocus={false} onSubmit={() => void change()}>
      <div className="grid grid-cols-2 items-start gap-4 max-sm:grid-cols-1">
        <Field
          label={t.currentPassword}
          type="password"
          dense
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
          autoComplete="current-password"
          maxLength={128}
          problem={problems.current}
        />
        <Field
          label={t.newPassword}
          type="password"
          dense
          value={next}
          onChange={(event) => setNext(event.target.value)}
          autoComplete="new-password"
          maxLength={128}
          hint={fill(t.atLeastMINPASSWORDCharacters, { MIN_PASSWORD })}
          problem={problems.next}
        />
      </div>
      {other && <ProblemNotice title={t.thePasswordWasNotChanged} error={other} />}
      {done && (
        <Notice tone="done" title={t.thePasswordIsChanged} alert>
          <p>{t.youAreSignedOutEverywhere}</p>
        </Notice>
      )}
      <div>
        <button type="submit" className="btn" aria-disabled={busy}>
          {busy ? t.changing : t.changePassword}
        </button>
      </div>
    </FormCard>
  );
}
