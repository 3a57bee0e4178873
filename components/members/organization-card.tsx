"use client";

import { useForm } from "#client/form.ts";
import { reloadPage } from "#client/leave.ts";
import { deleteOrganization, renameOrganization } from "#client/organization.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";

/** The organization's name. */
export function RenameOrganization({ id, name }: { id: string; name: string }) {
  const form = useForm({
    initial: { name },
    send: async (typed) => {
      await renameOrganization(id, typed.name.trim());
      await reloadPage();
    },
    failed: "Couldn't rename the organization",
    problemsOf: () => ({}),
  });
  const next = form.values.name.trim();
  return (
    <FormCard
      title="Name"
      form={form}
      submit={{
        label: "Rename",
        busy: "Renaming",
        look: "plain",
        off: next === "" || next === name,
        title: next === name ? "This is already its name" : undefined,
      }}
      inline={<Field label="Organization name" {...form.field("name")} maxLength={100} autoComplete="off" />}
    />
  );
}

/** The end of an organization; its name is typed, so that it is meant. */
export function DeleteOrganization({ id, name }: { id: string; name: string }) {
  const form = useForm({
    initial: { confirm: "" },
    send: async () => await deleteOrganization(id),
    failed: "Couldn't delete the organization",
    problemsOf: () => ({}),
  });
  const isOff = form.values.confirm.trim() !== name.trim();
  return (
    <FormCard
      title="Delete organization"
      form={form}
      submit={{
        label: "Delete organization",
        busy: "Deleting",
        look: "danger",
        off: isOff,
        title: isOff ? "Type the organization's name first" : undefined,
      }}
      inline={
        <Field
          label={`Type “${name}” to confirm`}
          {...form.field("confirm")}
          autoComplete="off"
          spellCheck={false}
        />
      }
    >
      <p className="max-w-[68ch] text-ink-2">
        Deletes every session with its transcript, the project's definitions, provider keys, API keys, the
        ledger, and any remaining credits. Running sessions stop, and everyone loses access immediately. This
        can't be undone. To keep the data, export it under Account first.
      </p>
    </FormCard>
  );
}
