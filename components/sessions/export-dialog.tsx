"use client";

import { X } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import { useAction } from "#client/action.ts";
import { type ExportFormat, type ReviewedExport, reviewExport, saveExport } from "#client/export.ts";
import { useForm } from "#client/form.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import type { MaskedKind } from "#domain/export-mask.ts";
import { plural } from "#domain/plural.ts";
import type { Session } from "#domain/session.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Dialog, DialogClose, DialogTitle } from "../ui/dialog.tsx";
import { Field } from "../ui/field.tsx";
import { FormBody, SubmitButton } from "../ui/form-card.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loaded, Loading } from "../ui/loaded.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Segments } from "../ui/segments.tsx";

const FORMATS = [
  { value: "markdown", name: "Markdown" },
  { value: "json", name: "JSON" },
  { value: "jsonl", name: "JSON Lines" },
] as const satisfies readonly { value: ExportFormat; name: string }[];
const KINDS: Record<Exclude<MaskedKind, "by_hand">, string> = {
  secret: "Secrets of the sandbox",
  studio_token: "Studio tokens",
};
const MIN_CHARS = 2;
const MAX_TEXTS = 50;

type Part = ReviewedExport["masked"][number];

/** Exports a session's log, once its reader has seen what is masked in it, and masked more. */
export function ExportDialog({
  session,
  onClose,
}: {
  session: Pick<Session, "id" | "title">;
  onClose: () => void;
}) {
  const [format, setFormat] = useState<ExportFormat>("markdown");
  const [mask, setMask] = useState<readonly string[]>([]);
  const review = useResource(
    ["export-review", session.id, mask],
    async () => await reviewExport(session.id, [...mask]),
    { keep: true, forget: true },
  );
  const save = useAction(async () => {
    await saveExport(session.id, format, [...mask]);
    onClose();
  }, "Couldn't export the session");
  return (
    <Dialog
      onClose={onClose}
      className="flex max-h-[calc(100dvh-32px)] w-[520px] flex-col"
      title={<DialogTitle className="text-base font-semibold">Export session</DialogTitle>}
    >
      <div className="mt-3 grid min-h-0 flex-1 content-start gap-4 overflow-y-auto">
        <Segments label="Format" value={format} items={FORMATS} onChange={setFormat} />
        <Loaded
          resource={review}
          failed="Couldn't check what is masked"
          loading={<Loading>Checking what is masked</Loading>}
        >
          {({ events, masked }) => <Masked sessionId={session.id} events={events} masked={masked} />}
        </Loaded>
        <More
          mask={mask}
          masked={review.data?.masked ?? []}
          onAdd={(text) => setMask((before) => [...before.filter((one) => one !== text), text])}
          onRemove={(text) => setMask((before) => before.filter((one) => one !== text))}
        />
        <ActionProblem failure={save.failure} />
      </div>
      <div className="mt-4 flex gap-2">
        <Button look="primary" off={save.pending} onClick={() => save.run()}>
          {save.pending ? "Exporting" : "Export"}
        </Button>
        <DialogClose className={buttonClass()}>Cancel</DialogClose>
      </div>
    </Dialog>
  );
}

/** What the log hides already. */
function Masked({ sessionId, events, masked }: { sessionId: string; events: number; masked: Part[] }) {
  const { count } = useFormat();
  const logged = masked.filter(({ kind }) => kind !== "by_hand");
  return (
    <section className="grid gap-2">
      <h3 className="font-medium">Masked already</h3>
      {logged.length === 0 ? (
        <p className="text-ink-2">
          Nothing in {count(events)} {plural(events, "event", "events")} was recognized as a secret. Look for
          names, addresses or keys that only you know.
        </p>
      ) : (
        logged.map((part) => (
          <Part key={part.kind} sessionId={sessionId} part={part} name={KINDS[part.kind as "secret"]} />
        ))
      )}
    </section>
  );
}

/** How often something is masked, and where at first. */
function Part({ sessionId, part, name }: { sessionId: string; part: Part; name: string }) {
  const { count } = useFormat();
  return (
    <details>
      <summary className="cursor-pointer">
        {name}: {count(part.count)} {plural(part.count, "place", "places")}
      </summary>
      <ul className="mt-1 grid gap-0.5 pl-4 text-small text-ink-2">
        {part.places.map(({ seq, type, field }) => (
          <li key={`${seq} ${field}`} className="wrap-anywhere">
            {seq === 0 ? (
              "The session's own facts"
            ) : (
              <Link href={`/sessions/${sessionId}/inspect#e${seq}`} className="text-link underline">
                Event {count(seq)}
              </Link>
            )}{" "}
            · {type} · {field}
          </li>
        ))}
        {part.places.length < part.count && <li>Only the first places are listed.</li>}
      </ul>
    </details>
  );
}

/** Texts that a person hides by hand. */
function More({
  mask,
  masked,
  onAdd,
  onRemove,
}: {
  mask: readonly string[];
  masked: readonly Part[];
  onAdd: (text: string) => void;
  onRemove: (text: string) => void;
}) {
  const { count } = useFormat();
  const form = useForm({
    initial: { text: "" },
    check: ({ text }) => ({
      text: text.trim().length < MIN_CHARS && "Enter at least two characters.",
    }),
    send: async ({ text }, set) => {
      onAdd(text.trim());
      set({ text: "" });
    },
    failed: "Couldn't mask the text",
  });
  return (
    <section className="grid gap-2">
      <h3 className="font-medium">Mask more</h3>
      <FormBody form={form} className="flex items-start gap-2">
        <div className="min-w-0 flex-1">
          <Field
            label="Text to replace everywhere"
            labelClass="sr-only"
            placeholder="Text to replace everywhere"
            {...form.field("text")}
            maxLength={1_000}
            fact
          />
        </div>
        <SubmitButton
          form={form}
          submit={{ label: "Mask", busy: "Masking", look: "plain", off: mask.length >= MAX_TEXTS }}
          size="lg"
        />
      </FormBody>
      {mask.length > 0 && (
        <ul className="grid gap-1" aria-label="Masked by hand">
          {mask.map((text) => {
            const found = masked.find((part) => part.kind === "by_hand" && part.text === text)?.count;
            return (
              <li key={text} className="flex items-center gap-2">
                <code className="min-w-0 truncate">{text}</code>
                <span className="flex-none text-small text-ink-3">
                  {found === undefined
                    ? "Looking"
                    : found === 0
                      ? "Not found"
                      : `${count(found)} ${plural(found, "place", "places")}`}
                </span>
                <Button
                  look="quiet"
                  size="sm"
                  icon
                  className="ml-auto"
                  aria-label={`Don't mask ${text}`}
                  onClick={() => onRemove(text)}
                >
                  <Icon as={X} size="sm" />
                </Button>
              </li>
            );
          })}
        </ul>
      )}
    </section>
  );
}
