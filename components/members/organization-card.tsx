"use client";

import { useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { deleteOrganization, renameOrganization } from "../../lib/client/organization.ts";
import { Field } from "../account/field.tsx";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { FormCard } from "../settings/form-card.tsx";

const NONE: Readonly<Record<string, string>> = {};

/** The organization's name. */
export function RenameOrganization({ id, name }: { id: string; name: string }) {
  const [next, setNext] = useState(name);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const newName = next.trim();
  const off = busy || newName === "" || newName === name;

  const rename = async () => {
    if (off) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await renameOrganization(id, newName);
      window.location.reload();
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  };
  return (
    <FormCard title="Name" problems={NONE} takesFocus={false} onSubmit={() => void rename()}>
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-0 flex-1 basis-60">
          <Field
            label="Organization name"
            name="name"
            dense
            value={next}
            onChange={(event) => setNext(event.target.value)}
            maxLength={100}
            autoComplete="off"
          />
        </div>
        <button
          type="submit"
          className="btn"
          aria-disabled={off}
          title={newName === name ? "This is already its name" : undefined}
        >
          {busy ? "Renaming" : "Rename"}
        </button>
      </div>
      {problem && <ProblemNotice title="Couldn't rename the organization" error={problem} />}
    </FormCard>
  );
}

/** The end of an organization; its name is typed, so that it is meant. */
export function DeleteOrganization({ id, name }: { id: string; name: string }) {
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const off = busy || typed.trim() !== name.trim();

  const end = async () => {
    if (off) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await deleteOrganization(id);
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  };
  return (
    <FormCard title="Delete organization" problems={NONE} takesFocus={false} onSubmit={() => void end()}>
      <p className="max-w-[68ch] text-ink-2">
        Deletes every session with its transcript, the project's definitions, provider keys, API keys, the
        ledger, and any remaining credits. Running sessions stop, and everyone loses access immediately. This
        can't be undone. To keep the data, export it under Account first.
      </p>
      <div className="flex flex-wrap items-end gap-2">
        <div className="min-w-0 flex-1 basis-60">
          <Field
            label={`Type “${name}” to confirm`}
            name="confirm"
            dense
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            autoComplete="off"
            spellCheck={false}
          />
        </div>
        <button
          type="submit"
          className="btn btn-danger"
          aria-disabled={off}
          title={off ? "Type the organization's name first" : undefined}
        >
          {busy ? "Deleting" : "Delete organization"}
        </button>
      </div>
      {problem && <ProblemNotice title="Couldn't delete the organization" error={problem} />}
    </FormCard>
  );
}
