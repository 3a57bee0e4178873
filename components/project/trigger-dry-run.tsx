"use client";

import { useState } from "react";
import type { DefinitionDraft } from "#client/definition-draft.ts";
import { useFormat } from "#client/locale.tsx";
import { useNow } from "#client/use-now.ts";
import type { Environment } from "#domain/catalog.ts";
import { conditionLines, type Firing, firingOf } from "#domain/project/conditions.ts";
import { isRecord } from "#domain/project/paths.ts";
import type { RecordEvent } from "#domain/project/record-event.ts";
import { attemptTimes, runTime } from "#domain/project/schedule.ts";
import type { TriggerDefinition } from "#domain/project/schemas.ts";
import { renderArguments } from "#domain/project/templates.ts";
import { Glyph } from "../ui/glyph.tsx";
import { Notice } from "../ui/notice.tsx";
import { JsonPart, listAt, pairClass, recordAt, textAt } from "./parts.tsx";
import { useSample } from "./role-question.tsx";

/** Times that are listed of the attempts of a run. */
const MAX_TIMES = 5;

/** What is typed, as far as it can be read as a trigger. */
function triggerOf(value: Record<string, unknown>): TriggerDefinition {
  const on = recordAt(value, "on");
  const actions = listAt<Record<string, unknown>>(value, "actions").filter(isRecord);
  return {
    name: textAt(value, "name"),
    slug: textAt(value, "slug"),
    on: {
      entityType: textAt(on, "entityType"),
      action: textAt(on, "action"),
      condition: recordAt(on, "condition"),
    },
    ...(isRecord(value.schedule) && { schedule: value.schedule }),
    ...(isRecord(value.retry) && { retry: value.retry }),
    actions: actions.map((action) => ({
      tool: textAt(action, "tool"),
      args: recordAt(action, "args"),
      ...(typeof action.as === "string" && { as: action.as }),
    })),
  } as TriggerDefinition;
}

function verdictOf(firing: Firing): string {
  if (firing.fires) return "It fires for this record";
  if (firing.because === "condition") return "It doesn't fire: a condition isn't met";
  return "It doesn't fire for such a change";
}

/** What a trigger would do with a record: whether it fires, when, and with which arguments. Nothing is run. */
export function TriggerDryRun({ draft, environment }: { draft: DefinitionDraft; environment: Environment }) {
  const trigger = triggerOf(draft.value);
  const sample = useSample(environment, trigger.on.entityType);
  const [data, setData] = useState<unknown>();
  const [previous, setPrevious] = useState<unknown>();
  const now = useNow(60_000);
  const f = useFormat();
  const record = isRecord(data) ? data : sample;
  const before = isRecord(previous) ? previous : sample;
  const isUpdate = trigger.on.action === "updated";
  const event: RecordEvent = {
    entityType: trigger.on.entityType,
    entityId: "record-1",
    action: trigger.on.action,
    data: record,
    ...(isUpdate && { previousData: before }),
  };
  const firing = firingOf(trigger.on, event);
  const lines = conditionLines(trigger.on.condition, event);
  const time = now === null ? null : runTime(trigger.schedule, event, now);
  const times = time?.ok ? attemptTimes(trigger.retry, time.atMs) : [];
  const key = trigger.on.entityType;
  return (
    <section
      aria-labelledby="dry-run"
      className="grid grid-cols-[minmax(0,1fr)] gap-3 rounded-sm border border-line bg-desk p-3"
    >
      <div>
        <h3 id="dry-run" className="text-base font-semibold">
          Dry run
        </h3>
        <p className="text-small text-ink-3">With a sample record. Nothing is run or stored.</p>
      </div>
      <div className={isUpdate ? pairClass : undefined}>
        <JsonPart
          key={`${key} now`}
          label="The record's data (JSON)"
          rows={6}
          readOnly={false}
          value={record}
          onChange={setData}
        />
        {isUpdate && (
          <JsonPart
            key={`${key} before`}
            label="Its data before (JSON)"
            rows={6}
            readOnly={false}
            value={before}
            onChange={setPrevious}
          />
        )}
      </div>
      <output className="block">
        <Notice tone={firing.fires ? "done" : "warning"} title={verdictOf(firing)}>
          {lines.length > 0 && (
            <ul className="grid gap-0.5">
              {lines.map(({ path, expected, actual, holds }) => (
                <li key={path} className="flex flex-wrap items-center gap-1.5">
                  <Glyph
                    name={holds ? "done" : "denied"}
                    className={holds ? "text-success" : "text-danger"}
                  />
                  <span className="fact wrap-anywhere">
                    {path} is {actual === undefined ? "not there" : JSON.stringify(actual)}
                    {!holds && `, not ${JSON.stringify(expected)}`}
                  </span>
                </li>
              ))}
            </ul>
          )}
          {firing.fires && time && (
            <p className="mt-1">
              {!time.ok
                ? time.message
                : time.isPast
                  ? "Its time is over, so it runs at once."
                  : `It runs ${f.exact(times[0] ?? time.atMs)}.`}
            </p>
          )}
          {firing.fires && times.length > 1 && (
            <p>
              If it fails each time, it is tried again{" "}
              {times
                .slice(1, MAX_TIMES + 1)
                .map((at) => f.exact(at))
                .join(", ")}
              {times.length > MAX_TIMES + 1 && `, and ${times.length - MAX_TIMES - 1} more times`}.
            </p>
          )}
        </Notice>
      </output>
      {firing.fires && (
        <ol className="grid grid-cols-[minmax(0,1fr)] gap-2" aria-label="Actions with their arguments">
          {trigger.actions.map((action, index) => (
            <RenderedAction
              // oxlint-disable-next-line react/no-array-index-key -- an action has no other name
              key={index}
              action={action}
              event={event}
            />
          ))}
        </ol>
      )}
    </section>
  );
}

function RenderedAction({
  action: { tool, args },
  event,
}: {
  action: TriggerDefinition["actions"][number];
  event: RecordEvent;
}) {
  const rendered = renderArguments(args, { trigger: event, steps: {} });
  const steps = rendered.ok ? rendered.missing.filter((path) => path.startsWith("steps.")) : [];
  const missing = rendered.ok ? rendered.missing.filter((path) => !path.startsWith("steps.")) : [];
  return (
    <li className="grid gap-0.5 text-small">
      <span className="fact font-semibold">{tool}</span>
      {rendered.ok ? (
        <span className="fact wrap-anywhere">{JSON.stringify(rendered.value).slice(0, 2_000)}</span>
      ) : (
        <span className="text-danger">{rendered.message}</span>
      )}
      {missing.length > 0 && (
        <span className="text-warning">Leads nowhere in this record: {missing.join(", ")}</span>
      )}
      {steps.length > 0 && <span className="text-ink-3">Known once it runs: {steps.join(", ")}</span>}
    </li>
  );
}
