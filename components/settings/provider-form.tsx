"use client";

import { useForm } from "#client/form.ts";
import { type KeyVerdict, saveProviderKey } from "#client/settings.ts";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";

/** Takes a provider's key, tests it and stores it. What is typed can never be read again. */
export function ProviderForm({
  provider,
  name,
  replaces,
  onSaved,
  onCancel,
}: {
  provider: string;
  name: string;
  replaces: boolean;
  onSaved: (name: string, verdict: KeyVerdict) => void;
  onCancel: () => void;
}) {
  const form = useForm({
    initial: { api_key: "" },
    check: ({ api_key }) => ({
      api_key:
        api_key.trim().length < 8 && `This is too short for a key. Paste it again from ${name}'s dashboard.`,
    }),
    send: async (body) => onSaved(name, await saveProviderKey(provider, body)),
    failed: "Couldn't save the key",
  });
  return (
    <FormCard
      title={replaces ? `Replace the ${name} key` : `Add the ${name} key`}
      form={form}
      focus
      submit={{ label: "Verify and save", busy: "Verifying" }}
      onCancel={onCancel}
      note={
        provider === "openrouter"
          ? "Verified with one call for the key's details"
          : "Verified with one call to the model list"
      }
    >
      <Field
        label={replaces ? "New key" : "Key"}
        {...form.field("api_key")}
        type="password"
        autoComplete="off"
        spellCheck={false}
        maxLength={1000}
        hint={replaces ? "The old key works until the new one is saved." : "It's tested before it's saved."}
      />
    </FormCard>
  );
}
