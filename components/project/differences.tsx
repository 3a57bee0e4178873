"use client";

import { useMemo } from "react";
import { parsedDefinition } from "#client/project.ts";
import { fieldDifferences, type ThreeWay } from "#domain/project/difference.ts";
import { DiffView } from "../session/diff-view.tsx";
import { Chip } from "../ui/chip.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";

/** Characters of a value on one line; longer texts are compared line by line. */
const LINE_CHARS = 120;
/** Fields that are listed; what is more is told as a number. */
const MAX_FIELDS = 60;
const MAX_VALUE_CHARS = 2_000;

/** A value as people read it. */
export function valueText(value: unknown): string {
  if (value === undefined) return "not set";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  if (text === "") return "empty";
  return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}…` : text;
}

const isLong = (value: unknown): value is string =>
  typeof value === "string" && (value.length > LINE_CHARS || value.includes("\n"));

function LongText({ path, before, after }: { path: string; before: string; after: string }) {
  const diff = useMemo(() => ({ path, old_text: before, new_text: after }), [path, before, after]);
  return <DiffView diff={diff} className="max-h-72 rounded-sm border border-line" />;
}

/** What is different between two texts of a definition, field by field. */
export function Differences({ before, after }: { before: string | null; after: string | null }) {
  const fields = useMemo(() => {
    const [a, b] = [parsedDefinition(before), parsedDefinition(after)];
    return a && b ? fieldDifferences(a, b) : [];
  }, [before, after]);
  if (before === null) return <p className="text-small text-ink-2">It is new.</p>;
  if (after === null) return <p className="text-small text-ink-2">It was deleted.</p>;
  if (fields.length === 0)
    return <p className="text-small text-ink-2">Only the order of its fields is different.</p>;
  return (
    <ul className="grid grid-cols-[minmax(0,1fr)] gap-1.5 text-small">
      {fields.slice(0, MAX_FIELDS).map(({ path, before: from, after: to }) => (
        <li key={path} className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
          <span className="fact wrap-anywhere text-ink-3">{path === "" ? "all of it" : path}</span>
          {isLong(from) || isLong(to) ? (
            <LongText
              path={path}
              before={typeof from === "string" ? from : ""}
              after={typeof to === "string" ? to : ""}
            />
          ) : (
            <span className="wrap-anywhere">
              <del className="text-ink-3">{valueText(from)}</del> <span aria-hidden="true">→</span>{" "}
              <ins className="no-underline">{valueText(to)}</ins>
            </span>
          )}
        </li>
      ))}
      {fields.length > MAX_FIELDS && (
        <li className="text-ink-3">and {fields.length - MAX_FIELDS} more fields</li>
      )}
    </ul>
  );
}

/** What two sides made of a definition, field by field. @param names what the two are called */
export function ThreeWayTable({
  fields,
  names,
}: {
  fields: readonly ThreeWay[];
  names: { ours: string; theirs: string };
}) {
  const cell = "border-t border-line px-2 py-1 align-top";
  return (
    <ScrollRegion
      label="What both sides changed"
      className="max-h-72 overflow-auto rounded-sm border border-line"
    >
      <table className="min-w-[480px] text-small">
        <thead>
          <tr className="text-start text-ink-3">
            <th className="px-2 py-1 text-start font-medium">Field</th>
            <th className="px-2 py-1 text-start font-medium">Before</th>
            <th className="px-2 py-1 text-start font-medium">{names.ours}</th>
            <th className="px-2 py-1 text-start font-medium">{names.theirs}</th>
          </tr>
        </thead>
        <tbody>
          {fields.slice(0, MAX_FIELDS).map((field) => (
            <tr key={field.path}>
              <th scope="row" className={`${cell} text-start font-normal`}>
                <span className="fact wrap-anywhere">{field.path === "" ? "all of it" : field.path}</span>
                {field.conflict && (
                  <Chip tone="warning" glyph="waiting" className="ml-1.5">
                    both
                  </Chip>
                )}
              </th>
              <td className={`${cell} wrap-anywhere text-ink-3`}>{valueText(field.base).slice(0, 300)}</td>
              <td className={`${cell} wrap-anywhere`}>
                {"ours" in field ? valueText(field.ours).slice(0, 300) : ""}
              </td>
              <td className={`${cell} wrap-anywhere`}>
                {"theirs" in field ? valueText(field.theirs).slice(0, 300) : ""}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}
