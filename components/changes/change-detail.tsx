"use client";

import { useMemo, useState } from "react";
import {
  type ChangedField,
  changedFields,
  isLong,
  type ProjectChange,
  type ProjectChangeTexts,
  readProjectChange,
  shownValue,
  sourceOf,
  valueOf,
} from "#client/project-changes.ts";
import { useResource } from "#client/resource.ts";
import { threeWay } from "#domain/project/difference.ts";
import { DiffView } from "../session/diff-view.tsx";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { Tag } from "../ui/chip.tsx";
import { cn } from "../ui/cn.ts";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { Segments } from "../ui/segments.tsx";

const VIEWS = [
  { value: "meaning", name: "Meaning" },
  { value: "source", name: "Source" },
] as const;
/** Fields that are drawn at first. */
const FIRST_FIELDS = 60;

/** What has changed in one definition: field by field, or as its file. */
export function ChangeDetail({ change }: { change: ProjectChange }) {
  const { session } = useOpened();
  const { kind, slug, hash, before, moved } = change;
  const [view, setView] = useState<"meaning" | "source">("meaning");
  const read = useResource(
    ["project-change", session.id, kind, slug, hash, before, moved],
    async () => await readProjectChange(session.id, { kind, slug }),
    { forget: true },
  );
  if (read.data === undefined)
    return read.problem ? (
      <ReadProblem of={read} title="Couldn't read the change" />
    ) : (
      <Loading>Comparing</Loading>
    );
  const isFile = kind === "file";
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <div className="flex flex-wrap items-center gap-2">
        <span className="fact min-w-0 truncate text-small text-ink-2">{change.file}</span>
        {!isFile && (
          <Segments label="View" value={view} items={VIEWS} onChange={setView} className="ml-auto" />
        )}
      </div>
      {moved ? (
        <ThreeWay texts={read.data} />
      ) : view === "source" || isFile ? (
        <Source change={change} texts={read.data} />
      ) : (
        <Fields texts={read.data} />
      )}
    </div>
  );
}

function Source({ change, texts }: { change: ProjectChange; texts: ProjectChangeTexts }) {
  const diff = useMemo(
    () => ({
      path: change.file,
      old_text: sourceOf(change.kind, texts.base),
      new_text: sourceOf(change.kind, texts.workspace) ?? "",
    }),
    [change, texts],
  );
  return <DiffView diff={diff} className="rounded-sm border border-line" />;
}

function Fields({ texts }: { texts: ProjectChangeTexts }) {
  const fields = useMemo(() => changedFields(texts.base, texts.workspace), [texts]);
  const [all, setAll] = useState(false);
  const shown = all ? fields : fields.slice(0, FIRST_FIELDS);
  return (
    <>
      <dl className="grid grid-cols-[minmax(0,1fr)] gap-3">
        {shown.map((field) => (
          <Field key={field.path} field={field} />
        ))}
      </dl>
      {shown.length < fields.length && (
        <Button size="sm" className="justify-self-start" onClick={() => setAll(true)}>
          Show all {fields.length} fields
        </Button>
      )}
    </>
  );
}

function Field({ field: { path, before, after } }: { field: ChangedField }) {
  const diff = useMemo(
    () => ({
      path,
      old_text: before === undefined ? null : shownValue(before),
      new_text: after === undefined ? "" : shownValue(after),
    }),
    [path, before, after],
  );
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1">
      <dt className="fact text-small">{path === "" ? "All of it" : path}</dt>
      <dd>
        {isLong(before, after) ? (
          <DiffView diff={diff} className="rounded-sm border border-line" />
        ) : (
          <span className="grid grid-cols-2 gap-2 max-sm:grid-cols-1">
            <Value value={before} side="before" />
            <Value value={after} side="after" />
          </span>
        )}
      </dd>
    </div>
  );
}

const SIDES = {
  before: { sign: "−", word: "Before", tone: "bg-danger-soft", ink: "text-danger" },
  after: { sign: "+", word: "After", tone: "bg-success-soft", ink: "text-success" },
};

/** One side of a field. */
function Value({ value, side }: { value: unknown; side: "before" | "after" }) {
  const { sign, word, tone, ink } = SIDES[side];
  return (
    <span
      className={cn(
        "min-w-0 rounded-xs px-2 py-1 font-mono text-small wrap-anywhere",
        value === undefined ? "hatch text-ink-2" : tone,
      )}
    >
      <span className="sr-only">{word}: </span>
      {value === undefined ? (
        "not set"
      ) : (
        <>
          <span aria-hidden className={ink}>
            {sign}{" "}
          </span>
          {shownValue(value)}
        </>
      )}
    </span>
  );
}

const cut = (value: unknown): string => {
  if (value === undefined) return "not set";
  const text = shownValue(value);
  return text.length > 400 ? `${text.slice(0, 399)}…` : text;
};

/** What both sides have made of a definition since it was pulled. */
function ThreeWay({ texts }: { texts: ProjectChangeTexts }) {
  const { base, workspace, current } = texts;
  const rows = useMemo(
    () => threeWay(valueOf(base), valueOf(workspace), valueOf(current)),
    [base, workspace, current],
  );
  const { session } = useOpened();
  return (
    <dl className="grid grid-cols-[minmax(0,1fr)] gap-3" aria-label="Changed on both sides">
      {rows.map(({ path, conflict, ...sides }) => (
        <div key={path} className="grid grid-cols-[minmax(0,1fr)] gap-1">
          <dt className="fact flex flex-wrap items-center gap-2 text-small">
            {path === "" ? "All of it" : path}
            {conflict && <Tag>conflict</Tag>}
          </dt>
          <dd className="grid grid-cols-3 gap-2 font-mono text-small max-sm:grid-cols-1">
            <Side name="When pulled" text={cut(sides.base ?? undefined)} />
            <Side
              name="In this session"
              text={"ours" in sides ? cut(sides.ours ?? undefined) : "unchanged"}
              tone="bg-success-soft"
            />
            <Side
              name={`In ${session.environment} now`}
              text={"theirs" in sides ? cut(sides.theirs ?? undefined) : "unchanged"}
              tone="bg-info-soft"
            />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Side({ name, text, tone = "bg-neutral-soft" }: { name: string; text: string; tone?: string }) {
  return (
    <span className={cn("min-w-0 rounded-xs px-2 py-1 wrap-anywhere whitespace-pre-wrap", tone)}>
      <span className="block font-sans text-ink-2">{name}</span>
      {text}
    </span>
  );
}
