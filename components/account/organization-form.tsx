"use client";

import { type FormEvent, useState } from "react";
import { createOrganization, slugOf } from "../../lib/client/account.ts";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";
import { Field } from "./field.tsx";

const TAKEN_CODES = ["ORGANIZATION_ALREADY_EXISTS", "ORGANIZATION_SLUG_ALREADY_TAKEN", "SLUG_IS_TAKEN"];

/** Names an organization; its address follows the name until it is written by hand. @param first the person has none */
export function OrganizationForm({ first }: { first: boolean }) {
  const [name, setName] = useState("");
  const [ownSlug, setOwnSlug] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const slug = ownSlug ?? slugOf(name);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setProblem(undefined);
    try {
      await createOrganization({ name: name.trim(), slug });
      window.location.assign("/studio");
    } catch (error) {
      setProblem(asApiError(error));
      setBusy(false);
    }
  };

  const taken = problem && TAKEN_CODES.includes(problem.code);
  return (
    <>
      {first && <p className="label mb-1">Step 2 of 2</p>}
      <h1 className="text-display font-semibold tracking-tight">Name your organization</h1>
      <p className="mt-1 mb-6 text-ink-2">
        Sessions, keys, and costs belong to it. You can invite members later.
      </p>
      <form className="grid gap-4" onSubmit={(event) => void submit(event)}>
        <Field
          label="Name"
          name="name"
          value={name}
          onChange={(event) => setName(event.target.value)}
          required
          maxLength={100}
          autoComplete="organization"
        />
        <Field
          label="URL"
          name="slug"
          value={slug}
          onChange={(event) => setOwnSlug(event.target.value)}
          onBlur={(event) => setOwnSlug(event.target.value === "" ? undefined : slugOf(event.target.value))}
          required
          maxLength={48}
          pattern="[a-z0-9]+(-[a-z0-9]+)*"
          autoComplete="off"
          spellCheck={false}
          hint="Lowercase letters, digits, hyphens"
          problem={taken ? "This URL is taken. Choose another one." : undefined}
        />
        {problem && !taken && <ProblemNotice title="Couldn't create the organization" error={problem} />}
        <button type="submit" className="btn btn-primary btn-lg" aria-disabled={busy}>
          {busy ? "Creating organization" : "Create organization"}
        </button>
      </form>
    </>
  );
}
