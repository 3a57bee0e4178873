"use client";

import { useState } from "react";
import type { DefinitionDraft } from "#client/definition-draft.ts";
import { useProjectNames } from "#client/project.ts";
import type { Environment } from "#domain/catalog.ts";
import { isRecord } from "#domain/project/paths.ts";
import { Field } from "../ui/field.tsx";
import { Choice } from "../ui/select.tsx";
import {
  changed,
  JsonPart,
  listAt,
  NumberPart,
  pairClass,
  recordAt,
  Rows,
  textAt,
  TextPart,
  TickPart,
  tripleClass,
} from "./parts.tsx";
import { optionsWith, RowText } from "./row-parts.tsx";
import { TriggerDryRun } from "./trigger-dry-run.tsx";

type Line = Record<string, unknown>;
const ACTIONS = ["created", "updated", "deleted"].map((value) => ({ value, name: value }));

/** A trigger: when it fires, when its actions run, and what they do. */
export function TriggerFields({ draft, environment }: { draft: DefinitionDraft; environment: Environment }) {
  const { value, readOnly } = draft;
  const on = recordAt(value, "on");
  const types = (useProjectNames(environment)?.definitions ?? [])
    .filter(({ kind }) => kind === "entityType")
    .map(({ slug }) => slug);
  const type = textAt(on, "entityType");
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <div className={pairClass}>
        <TextPart draft={draft} name="name" label="Name" />
        <TextPart draft={draft} name="slug" label="Slug" fact />
      </div>
      <TextPart draft={draft} name="description" label="Description" optional />
      <div className={pairClass}>
        <Choice
          label="Records of"
          disabled={readOnly}
          value={type}
          problem={draft.problemAt("on.entityType")}
          options={optionsWith(type, types)}
          onChange={(entityType) => draft.set({ on: { ...on, entityType } })}
        />
        <Choice
          label="Fires when one is"
          disabled={readOnly}
          value={textAt(on, "action")}
          problem={draft.problemAt("on.action")}
          options={ACTIONS}
          onChange={(action) => draft.set({ on: { ...on, action } })}
        />
      </div>
      <Condition draft={draft} on={on} />
      <Schedule draft={draft} />
      <Rows<Line>
        title="Actions, one after the other"
        one="action"
        rows={listAt<Line>(value, "actions")}
        onChange={(actions) => draft.set({ actions })}
        make={() => ({ tool: "event.emit", args: {} })}
        readOnly={readOnly}
        problem={draft.problemAt("actions")}
      >
        {(action, change, index) => (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
            <div className={pairClass}>
              <RowText
                row={action}
                change={change}
                name="tool"
                label="Tool"
                fact
                readOnly={readOnly}
                problem={draft.problemAt(`actions[${index}].tool`)}
              />
              <RowText
                row={action}
                change={change}
                name="as"
                label="Its result is called"
                fact
                optional
                placeholder="Later actions use {{steps.name}}"
                readOnly={readOnly}
                problem={draft.problemAt(`actions[${index}].as`)}
              />
            </div>
            <JsonPart
              label="Arguments (JSON)"
              rows={4}
              readOnly={readOnly}
              value={action.args ?? {}}
              problem={draft.problemAt(`actions[${index}].args`)}
              hint="{{trigger.data.field}} stands for a value of the record."
              onChange={(args) => change({ ...action, args })}
            />
          </div>
        )}
      </Rows>
      <TriggerDryRun draft={draft} environment={environment} />
    </div>
  );
}

/** A condition's lines; two of one path can't be kept, so until one has another, they are here alone. */
function Condition({ draft, on }: { draft: DefinitionDraft; on: Line }) {
  const condition = recordAt(on, "condition");
  const [state, setState] = useState<{ of: string; rows: [string, unknown][] }>(() => ({
    of: JSON.stringify(condition),
    rows: Object.entries(condition),
  }));
  const written = JSON.stringify(condition);
  if (state.of !== written) setState({ of: written, rows: Object.entries(condition) });
  const put = (rows: [string, unknown][]) => {
    const isWhole = new Set(rows.map(([path]) => path)).size === rows.length;
    const next = Object.fromEntries(rows);
    setState({ of: isWhole ? JSON.stringify(next) : written, rows });
    if (isWhole) draft.set({ on: changed(on, { condition: rows.length > 0 ? next : undefined }) });
  };
  const { rows } = state;
  return (
    <Rows<[string, unknown]>
      title="Only where"
      one="condition"
      rows={rows}
      onChange={put}
      make={() => ["data.", ""]}
      readOnly={draft.readOnly}
      problem={
        new Set(rows.map(([path]) => path)).size < rows.length
          ? "There are two of one path."
          : draft.problemAt("on.condition")
      }
    >
      {([path, expected], change) => (
        <div className={pairClass}>
          <Field
            label="Path"
            fact
            readOnly={draft.readOnly}
            value={path}
            hint="data. or previousData."
            onChange={({ target }) => change([target.value, expected])}
          />
          <JsonPart
            label="Is exactly (JSON)"
            readOnly={draft.readOnly}
            value={expected}
            onChange={(next) => change([path, next])}
          />
        </div>
      )}
    </Rows>
  );
}

const WHEN = [
  { value: "now", name: "At once" },
  { value: "delay", name: "After a delay" },
  { value: "at", name: "At a time of the record" },
] as const;

function Schedule({ draft }: { draft: DefinitionDraft }) {
  const { value, readOnly } = draft;
  const schedule = isRecord(value.schedule) ? value.schedule : null;
  const retry = recordAt(value, "retry");
  const when = schedule === null ? "now" : schedule.at === undefined ? "delay" : "at";
  const set = (change: Line) => draft.set({ schedule: changed(schedule ?? {}, change) });
  const setRetry = (change: Line) => {
    const next = changed(retry, change);
    draft.set({ retry: Object.keys(next).length > 0 ? next : undefined });
  };
  return (
    <fieldset className="grid gap-4 rounded-sm border border-line p-3">
      <legend className="px-1 font-semibold">When its actions run</legend>
      <div className={tripleClass}>
        <Choice
          label="Run"
          disabled={readOnly}
          value={when}
          problem={draft.problemAt("schedule")}
          options={WHEN}
          onChange={(next) => {
            if (next === "now") draft.set({ schedule: undefined });
            else if (next === "delay") set({ delay: 60_000, at: undefined });
            else set({ at: "{{trigger.data.}}", delay: undefined });
          }}
        />
        {when === "delay" && (
          <NumberPart
            label="Delay (ms)"
            value={schedule?.delay}
            readOnly={readOnly}
            onChange={(delay) => set({ delay })}
          />
        )}
        {when === "at" && (
          <Field
            label="Time"
            fact
            readOnly={readOnly}
            value={textAt(schedule ?? {}, "at")}
            hint="ISO 8601, or milliseconds since 1970."
            onChange={({ target }) => set({ at: target.value })}
          />
        )}
        {schedule && (
          <NumberPart
            label="Offset (ms)"
            value={schedule.offset}
            readOnly={readOnly}
            hint="Before the time where it is negative."
            onChange={(offset) => set({ offset })}
          />
        )}
      </div>
      {schedule && (
        <TickPart
          label="A new run takes the place of one that is waiting for the same record"
          readOnly={readOnly}
          checked={schedule.cancelPrevious === true}
          onChange={(isOn) => set({ cancelPrevious: isOn ? true : undefined })}
        />
      )}
      <div className={pairClass}>
        <NumberPart
          label="Attempts"
          value={retry.maxAttempts}
          readOnly={readOnly}
          problem={draft.problemAt("retry.maxAttempts")}
          hint="1 where it isn't set."
          onChange={(maxAttempts) => setRetry({ maxAttempts })}
        />
        <NumberPart
          label="Wait before the second attempt (ms)"
          value={retry.backoffMs}
          readOnly={readOnly}
          problem={draft.problemAt("retry.backoffMs")}
          hint="60,000 where it isn't set; it doubles each time, up to an hour."
          onChange={(backoffMs) => setRetry({ backoffMs })}
        />
      </div>
    </fieldset>
  );
}
