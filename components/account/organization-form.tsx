"use client";

import { createOrganization, slugOf } from "#client/account.ts";
import { useForm } from "#client/form.ts";
import { leaveFor } from "#client/leave.ts";
import { Field } from "../ui/field.tsx";
import { FormBody, SubmitButton } from "../ui/form-card.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { SheetHead } from "./sheet.tsx";

const TAKEN_CODES = ["ORGANIZATION_ALREADY_EXISTS", "ORGANIZATION_SLUG_ALREADY_TAKEN", "SLUG_IS_TAKEN"];

/** Names an organization; its address follows the name until it is written by hand. @param first the person has none */
export function OrganizationForm({ first }: { first: boolean }) {
  const slugIn = ({ name, slug }: { name: string; slug: string }) => (slug === "" ? slugOf(name) : slug);
  const form = useForm({
    initial: { name: "", slug: "" },
    send: async (typed) => {
      await createOrganization({ name: typed.name.trim(), slug: slugIn(typed) });
      await leaveFor("/studio");
    },
    failed: "Couldn't create the organization",
    problemsOf: ({ code }): Record<string, string> =>
      TAKEN_CODES.includes(code) ? { slug: "This URL is taken. Choose another one." } : {},
  });
  return (
    <>
      <SheetHead
        {...(first && { step: "Step 2 of 2" })}
        title="Name your organization"
        text="Sessions, keys, and costs belong to it. You can invite members later."
      />
      <FormBody form={form} checkedByBrowser className="grid gap-4">
        <Field
          label="Name"
          {...form.field("name")}
          dense={false}
          required
          maxLength={100}
          autoComplete="organization"
        />
        <Field
          label="URL"
          {...form.field("slug")}
          value={slugIn(form.values)}
          onBlur={(event) => form.set({ slug: slugOf(event.target.value) })}
          dense={false}
          required
          maxLength={48}
          pattern="[a-z0-9]+(-[a-z0-9]+)*"
          autoComplete="off"
          spellCheck={false}
          hint="Lowercase letters, digits, hyphens"
        />
        <ActionProblem failure={form.failure} />
        <SubmitButton
          form={form}
          size="lg"
          submit={{ label: "Create organization", busy: "Creating organization" }}
        />
      </FormBody>
    </>
  );
}
