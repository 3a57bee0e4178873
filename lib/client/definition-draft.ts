"use client";

import { useMemo, useState } from "react";
import type { Environment } from "#domain/catalog.ts";
import { merged, type ThreeWay, threeWay } from "#domain/project/difference.ts";
import { KEY_FIELDS, type ProjectKind } from "#domain/project/kinds.ts";
import { type Action, useAction } from "./action.ts";
import { type DefinitionText, type Fault, parsedDefinition, putDefinition, useFaults } from "./project.ts";
import { useUnsaved } from "./unsaved.ts";
import { useSettled } from "./use-settled.ts";

export type DefinitionValue = Record<string, unknown>;

/** A definition that is edited: as a form, as code, or both in turn. */
export interface DefinitionDraft {
  kind: ProjectKind;
  /** Null for one that is new. */
  slug: string | null;
  value: DefinitionValue;
  readOnly: boolean;
  /** Changes some fields; undefined takes a field away. */
  set: (change: DefinitionValue) => void;
  /** Puts another definition in its place. */
  replace: (value: DefinitionValue) => void;
  /** Says that what is typed can't be read, so that it can't be saved; null takes that back. */
  block: (why: string | null) => void;
  dirty: boolean;
  /** What is wrong with it, by path; undefined while it is looked at. */
  faults: readonly Fault[] | undefined;
  /** What is wrong at a path, or below it. */
  problemAt: (path: string) => string | undefined;
  /** Why it can't be saved now; null where it can. */
  hindrance: string | null;
  /** What somebody else made of it meanwhile, against what was changed here; null where nobody did. */
  moved: { fields: ThreeWay[]; isDeleted: boolean } | null;
  /** Keeps what was changed here, on top of what others changed. */
  keepMine: () => void;
  /** Drops what was changed here. */
  takeTheirs: () => void;
  save: Action<[]>;
}

const CHECK_AFTER_MS = 300;

/** What is edited here, as it was when it was seen last. */
interface Base {
  /** Null where there is none. */
  text: string | null;
  revision: number;
  /** True where it was deleted elsewhere, and is to be there again. */
  isKept?: boolean;
}

const without = (value: DefinitionValue): DefinitionValue =>
  Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined));

/** True where a fault's path is a path, or lies below it. */
export const isWithin = (fault: string, path: string): boolean =>
  fault === path || fault.startsWith(`${path}.`) || fault.startsWith(`${path}[`);

/** What is wrong with a definition, as it is typed; what was wrong stays until the next look is over. */
function useLiveFaults(kind: ProjectKind, text: string): readonly Fault[] | undefined {
  const found = useFaults(kind, useSettled(text, CHECK_AFTER_MS));
  const [last, setLast] = useState(found);
  if (found && found !== last) setLast(found);
  return (found ?? last)?.faults;
}

/**
 * The draft of a definition, over what it is: it follows that until something is changed here.
 * @param given `live`: what it is, null for a new one; `initial`: what a new one begins with; `onSaved`: is told its name
 */
export function useDefinitionDraft(given: {
  environment: Environment;
  kind: ProjectKind;
  slug: string | null;
  live: DefinitionText | null;
  initial: DefinitionValue;
  readOnly: boolean;
  onSaved: (slug: string) => void;
}): DefinitionDraft {
  const { environment, kind, slug, live, initial, readOnly, onSaved } = given;
  const [base, setBase] = useState<Base>({ text: live?.definition ?? null, revision: live?.revision ?? 0 });
  const [value, setValue] = useState<DefinitionValue>(parsedDefinition(base.text) ?? initial);
  const [blocked, setBlocked] = useState<string | null>(null);
  const text = useMemo(() => JSON.stringify(value), [value]);
  const [untouched] = useState(() => JSON.stringify(initial));
  // What was deleted counts as changed here only where somebody wants to keep it.
  const isChanged =
    base.text === null ? (slug === null ? text !== untouched : base.isKept) : text !== base.text;
  const dirty = isChanged === true && !readOnly;
  const isBehind = live !== null && live.revision > base.revision;
  // What this page shows follows what is stored, as long as nothing of it is changed here.
  if (isBehind && live && (!dirty || live.definition === base.text || live.definition === text)) {
    const now = parsedDefinition(live.definition);
    if (now && live.definition !== base.text) setValue(now);
    setBase({ text: live.definition, revision: live.revision });
  }
  const hasMoved = dirty && isBehind && live.definition !== base.text && live.definition !== text;
  const moved = useMemo(
    () =>
      hasMoved
        ? {
            fields: threeWay(parsedDefinition(base.text), value, parsedDefinition(live.definition)),
            isDeleted: live.definition === null,
          }
        : null,
    [hasMoved, base.text, value, live],
  );
  const faults = useLiveFaults(kind, text);
  useUnsaved(dirty);
  const save = useAction(async () => {
    const done = await putDefinition(environment, {
      kind,
      slug,
      definition: text,
      base_revision: base.revision,
    });
    setBase({ text, revision: done.revision });
    const named = value[KEY_FIELDS[kind]];
    onSaved(typeof named === "string" ? named : "");
  }, "Couldn't save it");
  const hindrance = readOnly
    ? "You can't change it"
    : blocked !== null
      ? blocked
      : !dirty
        ? "Nothing has changed"
        : moved
          ? "Somebody changed it meanwhile"
          : faults === undefined
            ? "It's being checked"
            : faults.length > 0
              ? "Something is wrong with it"
              : null;
  return {
    kind,
    slug,
    value,
    readOnly,
    set: (change) => setValue((before) => without({ ...before, ...change })),
    replace: setValue,
    block: setBlocked,
    dirty,
    faults,
    problemAt: (path) => faults?.find((fault) => isWithin(fault.path, path))?.message,
    hindrance,
    moved,
    keepMine: () => {
      if (!live) return;
      const theirs = parsedDefinition(live.definition);
      if (theirs) setValue(merged(parsedDefinition(base.text), value, theirs) as DefinitionValue);
      setBase({ text: live.definition, revision: live.revision, isKept: live.definition === null });
    },
    takeTheirs: () => {
      setValue(parsedDefinition(live?.definition ?? base.text) ?? initial);
      if (live) setBase({ text: live.definition, revision: live.revision });
    },
    save,
  };
}
