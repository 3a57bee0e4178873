"use client";

import { useState } from "react";
import { deleteAccount } from "../../lib/client/account.ts";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "../settings/form-card.tsx";
import { Field } from "./field.tsx";

/** The end of an account; the password is asked, so that it is the person themselves who ends it. */
export function DeleteAccount() {
  const [password, setPassword] = useState("");
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [other, setOther] = useState<ApiError>();

  const end = async () => {
    if (busy) return;
    setOther(undefined);
    setProblems(password === "" ? { password: "Enter your password to confirm." } : {});
    if (password === "") return;
    setBusy(true);
    try {
      await deleteAccount(password);
      window.location.assign("/sign-in");
    } catch (failure) {
      const error = asApiError(failure);
      if (error.code === "INVALID_PASSWORD") setProblems({ password: "That isn't your password." });
      else setOther(error);
      setBusy(false);
    }
  };

  return (
    <FormCard title="Delete account" problems={problems} takesFocus={false} onSubmit={() => void end()}>
      <p className="max-w-[68ch] text-ink-2">
        You'll be removed from all organizations immediately: your running sessions stop and your API keys are
        revoked. Your work stays with the organizations, without your name. This can't be undone.
      </p>
      <div className="flex flex-wrap items-start gap-2">
        <div className="min-w-0 flex-1 basis-60">
          <Field
            label="Your password"
            type="password"
            dense
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            autoComplete="current-password"
            maxLength={128}
            problem={problems.password}
          />
        </div>
        <button type="submit" className="btn btn-danger mt-6" aria-disabled={busy}>
          {busy ? "Deleting" : "Delete account"}
        </button>
      </div>
      {other && <ProblemNotice title="Couldn't delete the account" error={other} />}
    </FormCard>
  );
}
