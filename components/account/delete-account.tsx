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
    setProblems(password === "" ? { password: "Type your password to confirm." } : {});
    if (password === "") return;
    setBusy(true);
    try {
      await deleteAccount(password);
      window.location.assign("/sign-in");
    } catch (failure) {
      const error = asApiError(failure);
      if (error.code === "INVALID_PASSWORD") setProblems({ password: "This is not your password." });
      else setOther(error);
      setBusy(false);
    }
  };

  return (
    <FormCard title="Delete the account" problems={problems} takesFocus={false} onSubmit={() => void end()}>
      <p className="max-w-[68ch] text-ink-2">
        You are out of every organization at once: your live sessions stop and your API keys end. What you did
        stays with the organizations, without your name. The account does not come back.
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
          {busy ? "Deleting" : "Delete the account"}
        </button>
      </div>
      {other && <ProblemNotice title="The account was not deleted" error={other} />}
    </FormCard>
  );
}
