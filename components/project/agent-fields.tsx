"use client";

import type { DefinitionDraft } from "#client/definition-draft.ts";
import { CATALOG } from "#domain/catalog.ts";
import { Field, TextField } from "../ui/field.tsx";
import { Choice } from "../ui/select.tsx";
import {
  changed,
  LinesPart,
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
import { RowChoice, RowText } from "./row-parts.tsx";

const MODELS = CATALOG.flatMap(({ id, models }) => models.map((model) => `${id}/${model.id}`));
const EFFORTS = ["minimal", "low", "medium", "high"] as const;
const DEFAULT = "openai/gpt-5-mini, 0.7, 4,096 tokens";

/** An agent's fields. */
export function AgentFields({ draft }: { draft: DefinitionDraft }) {
  const { value, readOnly } = draft;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-4">
      <div className={tripleClass}>
        <TextPart draft={draft} name="name" label="Name" />
        <TextPart draft={draft} name="slug" label="Slug" fact hint="Other definitions refer to it by this." />
        <TextPart draft={draft} name="version" label="Version" fact hint="Your own, such as 1.2.0." />
      </div>
      <TextPart draft={draft} name="description" label="Description" optional />
      <TextField
        label="Instructions"
        fact
        rows={14}
        readOnly={readOnly}
        value={textAt(value, "systemPrompt")}
        problem={draft.problemAt("systemPrompt")}
        onChange={({ target }) => draft.set({ systemPrompt: target.value })}
        hint="{{name}} stands for a variable, {{tool({…})}} for what a tool returns."
      />
      <Model draft={draft} />
      <div className={pairClass}>
        <LinesPart
          draft={draft}
          name="tools"
          label="Tools"
          hint="One a line: built-in, or of tools/index.ts."
        />
        <LinesPart
          draft={draft}
          name="firstMessageSuggestions"
          label="Suggested first messages"
          hint="One a line."
        />
      </div>
      <Rows
        title="Parameters of a conversation"
        one="parameter"
        rows={listAt<Record<string, unknown>>(value, "threadContextParams")}
        onChange={(threadContextParams) => draft.set({ threadContextParams })}
        make={() => ({ name: "", type: "string", required: false })}
        readOnly={readOnly}
        problem={draft.problemAt("threadContextParams")}
      >
        {(row, change) => (
          <div className="grid gap-2 sm:grid-cols-[minmax(0,1fr)_140px_minmax(0,2fr)_auto] sm:items-end">
            <RowText row={row} change={change} name="name" label="Name" fact readOnly={readOnly} />
            <RowChoice
              row={row}
              change={change}
              name="type"
              label="Type"
              readOnly={readOnly}
              options={["string", "number", "boolean"].map((type) => ({ value: type, name: type }))}
            />
            <RowText
              row={row}
              change={change}
              name="description"
              label="Description"
              optional
              readOnly={readOnly}
            />
            <TickPart
              label="Required"
              readOnly={readOnly}
              checked={row.required === true}
              onChange={(required) => change({ ...row, required })}
            />
          </div>
        )}
      </Rows>
    </div>
  );
}

function Model({ draft }: { draft: DefinitionDraft }) {
  const { readOnly } = draft;
  const model = recordAt(draft.value, "model");
  const reasoning = recordAt(model, "reasoning");
  const set = (change: Record<string, unknown>) => draft.set({ model: changed(model, change) });
  const setReasoning = (change: Record<string, unknown>) => {
    const next = changed(reasoning, change);
    set({ reasoning: Object.keys(next).length > 0 ? next : undefined });
  };
  const isDefault = draft.value.model === undefined;
  return (
    <fieldset className="grid gap-4 rounded-sm border border-line p-3">
      <legend className="px-1 font-semibold">Model</legend>
      <TickPart
        label={`The default: ${DEFAULT}`}
        readOnly={readOnly}
        checked={isDefault}
        onChange={(checked) =>
          draft.set({ model: checked ? undefined : { model: "anthropic/claude-sonnet-4-6" } })
        }
      />
      {!isDefault && (
        <>
          <div className={tripleClass}>
            <Field
              label="Model"
              fact
              list="project-models"
              readOnly={readOnly}
              value={textAt(model, "model")}
              problem={draft.problemAt("model.model")}
              hint="Provider and model, as in anthropic/claude-sonnet-4-6."
              onChange={({ target }) => set({ model: target.value })}
            />
            <datalist id="project-models">
              {MODELS.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </datalist>
            <NumberPart
              label="Temperature"
              value={model.temperature}
              readOnly={readOnly}
              problem={draft.problemAt("model.temperature")}
              hint="0 to 2."
              onChange={(temperature) => set({ temperature })}
            />
            <NumberPart
              label="Output limit (tokens)"
              value={model.maxTokens}
              readOnly={readOnly}
              problem={draft.problemAt("model.maxTokens")}
              hint="1 to 65,536."
              onChange={(maxTokens) => set({ maxTokens })}
            />
          </div>
          <div className={tripleClass}>
            <Choice
              label="Reasoning effort"
              disabled={readOnly}
              value={textAt(reasoning, "effort")}
              problem={draft.problemAt("model.reasoning.effort")}
              options={[
                { value: "", name: "Not set" },
                ...EFFORTS.map((one) => ({ value: one as string, name: one })),
              ]}
              onChange={(effort) => setReasoning({ effort: effort === "" ? undefined : effort })}
            />
            <NumberPart
              label="Reasoning budget (tokens)"
              value={reasoning.budgetTokens}
              readOnly={readOnly}
              problem={draft.problemAt("model.reasoning.budgetTokens")}
              onChange={(budgetTokens) => setReasoning({ budgetTokens })}
            />
            <div>
              <TickPart
                label="Reasoning on"
                readOnly={readOnly}
                checked={reasoning.enabled === true}
                onChange={(enabled) => setReasoning({ enabled })}
              />
              <TickPart
                label="Hide it from answers"
                readOnly={readOnly}
                checked={reasoning.hideFromResponse === true}
                onChange={(hideFromResponse) => setReasoning({ hideFromResponse })}
              />
            </div>
          </div>
        </>
      )}
    </fieldset>
  );
}
