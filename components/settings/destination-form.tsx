"use client";

import { KeyRound } from "lucide-react";
import { useState } from "react";
import { useForm } from "#client/form.ts";
import type { DestinationRow } from "#client/live-notifications.ts";
import { addDestination, changeDestination } from "#client/notifications.ts";
import type { DestinationKind } from "#domain/deliveries.ts";
import { NOTIFICATION_KINDS, type NotificationKind } from "#domain/notifications.ts";
import { Check, Field, FieldNote } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Choice } from "../ui/select.tsx";
import { ShownOnce } from "../ui/shown-once.tsx";
import { NEWS_KINDS } from "./news-kinds.ts";

const KINDS = [
  { value: "slack", name: "Slack" },
  { value: "webhook", name: "Signed webhook" },
] as const;

interface Fields {
  kind: DestinationKind;
  name: string;
  url: string;
  kinds: readonly NotificationKind[];
  enabled: boolean;
}

const fieldsOf = (row: DestinationRow | undefined): Fields => ({
  kind: row?.kind ?? "slack",
  name: row?.name ?? "",
  url: "",
  kinds: row?.kinds ?? ["approval", "question", "failed"],
  enabled: row?.enabled ?? true,
});

/** Adds a destination, or changes what one is called and told; its address stays. */
export function DestinationForm({
  editing,
  onDone,
}: {
  editing: DestinationRow | undefined;
  onDone: () => void;
}) {
  const [secret, setSecret] = useState<string>();
  const form = useForm<Fields>({
    initial: () => fieldsOf(editing),
    check: ({ name, url, kinds }) => ({
      name: name.trim() === "" && "Enter a name.",
      url: !editing && url.trim() === "" && "Enter the webhook’s URL.",
      kinds: kinds.length === 0 && "Choose at least one.",
    }),
    send: async ({ kind, name, url, kinds, enabled }, set) => {
      const told = { name: name.trim(), kinds: [...kinds] };
      if (editing) await changeDestination(editing.id, { ...told, enabled });
      else {
        setSecret((await addDestination({ ...told, kind, url: url.trim() })).secret);
        set(fieldsOf(undefined));
      }
      onDone();
    },
    failed: "Couldn't save the destination",
  });
  const { kind, kinds, enabled } = form.values;
  const toggle = (one: NotificationKind) =>
    form.set({
      kinds: NOTIFICATION_KINDS.filter((other) => kinds.includes(other) !== (other === one)),
    });
  return (
    <>
      {secret !== undefined && (
        <ShownOnce
          icon={KeyRound}
          title="Copy the signing secret now: it isn't shown again"
          text={secret}
          copy={{ name: "Copy", label: "the signing secret" }}
          onDone={() => setSecret(undefined)}
          testId="destination-secret"
        />
      )}
      <FormCard
        title={editing ? `Change ${editing.name}` : "New destination"}
        form={form}
        submit={{ label: editing ? "Save" : "Add destination", busy: "Saving" }}
        {...(editing && { onCancel: onDone })}
      >
        <div className="grid grid-cols-[200px_minmax(0,1fr)_minmax(0,2fr)] items-start gap-4 max-md:grid-cols-1">
          {!editing && <Choice label="Kind" {...form.choice("kind")} options={KINDS} />}
          <Field label="Name" {...form.field("name")} maxLength={60} placeholder="Team channel" />
          {!editing && (
            <Field
              fact
              label="Webhook URL"
              {...form.field("url")}
              maxLength={2000}
              placeholder={
                kind === "slack" ? "https://hooks.slack.com/services/…" : "https://example.com/studio"
              }
              hint="It’s encrypted. Nobody can read it here once it’s saved."
            />
          )}
        </div>
        <fieldset aria-describedby="destination-kinds">
          <legend className="mb-1 font-medium">Told of</legend>
          <div className="flex flex-wrap gap-x-4 gap-y-1">
            {NOTIFICATION_KINDS.map((one) => (
              <label
                key={one}
                htmlFor={`destination-${one}`}
                className="flex items-center gap-2 touch:min-h-11"
              >
                <Check
                  id={`destination-${one}`}
                  type="checkbox"
                  checked={kinds.includes(one)}
                  onChange={() => toggle(one)}
                />
                {NEWS_KINDS[one].name}
              </label>
            ))}
          </div>
          <FieldNote id="destination-kinds" problem={form.problemOf("kinds")} />
        </fieldset>
        {editing && (
          <label htmlFor="destination-enabled" className="flex items-center gap-2 touch:min-h-11">
            <Check
              id="destination-enabled"
              type="checkbox"
              checked={enabled}
              onChange={() => form.set({ enabled: !enabled })}
            />
            On
          </label>
        )}
      </FormCard>
    </>
  );
}
