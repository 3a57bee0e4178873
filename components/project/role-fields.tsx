"use client";

import type { DefinitionDraft } from "#client/definition-draft.ts";
import { useProjectNames } from "#client/project.ts";
import type { Environment } from "#domain/catalog.ts";
import { RECORD_ACTIONS } from "#domain/project/permissions.ts";
import {
  JsonPart,
  listAt,
  pairClass,
  recordAt,
  Rows,
  textAt,
  TextPart,
  TickPart,
  tripleClass,
} from "./parts.tsx";
import { RoleMatrix } from "./role-matrix.tsx";
import { NamesPart, optionsWith, RowChoice, RowText } from "./row-parts.tsx";
import { RoleQuestion } from "./role-question.tsx";

type Line = Record<string, unknown>;
const OPERATORS = ["eq", "neq", "in", "contains"].map((value) => ({ value, name: value }));

/** A role: what it allows and denies, which records, and which fields are kept from it. */
export function RoleFields({ draft, environment }: { draft: DefinitionDraft; environment: Environment }) {
  const { value, readOnly } = draft;
  const names = useProjectNames(environment)?.definitions ?? [];
  const types = names.filter(({ kind }) => kind === "entityType").map(({ slug }) => slug);
  const agents = names.filter(({ kind }) => kind === "agent").map(({ slug }) => slug);
  const seen = listAt<string>(value, "agentAccess");
  const typeOptions = (current: string) => optionsWith(current, types);
  const firstType = types[0] ?? "";
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <div className={pairClass}>
        <TextPart draft={draft} name="name" label="Name" hint="Agents act through the role “agent”." />
        <TextPart draft={draft} name="description" label="Description" optional />
      </div>
      <RoleMatrix draft={draft} types={types} />
      <Rows<Line>
        title="Lines"
        one="line"
        rows={listAt<Line>(value, "policies")}
        onChange={(policies) => draft.set({ policies })}
        make={() => ({ resource: firstType === "" ? "*" : firstType, actions: ["read"], effect: "allow" })}
        readOnly={readOnly}
        problem={draft.problemAt("policies")}
      >
        {(line, change, index) => {
          const actions = listAt<string>(line, "actions");
          return (
            <div className="flex flex-wrap items-end gap-2">
              <span className="fact w-6 pb-1.5 text-small text-ink-3">{index + 1}</span>
              <div className="w-24">
                <RowChoice
                  row={line}
                  change={change}
                  name="effect"
                  label="Effect"
                  readOnly={readOnly}
                  options={["allow", "deny"].map((effect) => ({ value: effect, name: effect }))}
                />
              </div>
              <div className="min-w-0 flex-1 basis-36">
                <RowChoice
                  row={line}
                  change={change}
                  name="resource"
                  label="Records"
                  readOnly={readOnly}
                  options={[
                    ...typeOptions(textAt(line, "resource")).filter(
                      ({ value: one }) => one !== "*" && one !== "users",
                    ),
                    { value: "users", name: "users" },
                    { value: "*", name: "everything (*)" },
                  ]}
                />
              </div>
              <fieldset className="flex flex-wrap gap-x-3" aria-label={`Actions of line ${index + 1}`}>
                {[...RECORD_ACTIONS, "*"].map((action) => (
                  <TickPart
                    key={action}
                    label={action === "*" ? "all (*)" : action}
                    readOnly={readOnly}
                    checked={actions.includes(action)}
                    onChange={(isOn) =>
                      change({
                        ...line,
                        actions: isOn ? [...actions, action] : actions.filter((one) => one !== action),
                      })
                    }
                  />
                ))}
              </fieldset>
            </div>
          );
        }}
      </Rows>
      <Rows<Line>
        title="Which records"
        one="record rule"
        rows={listAt<Line>(value, "scopeRules")}
        onChange={(scopeRules) => draft.set({ scopeRules })}
        make={() => ({ entityType: firstType, field: "data.", operator: "eq", value: "actor.userId" })}
        readOnly={readOnly}
        problem={draft.problemAt("scopeRules")}
      >
        {(rule, change) => (
          <div className="grid grid-cols-[repeat(4,minmax(0,1fr))] gap-2 max-md:grid-cols-1">
            <RowChoice
              row={rule}
              change={change}
              name="entityType"
              label="Entity type"
              readOnly={readOnly}
              options={typeOptions(textAt(rule, "entityType"))}
            />
            <RowText row={rule} change={change} name="field" label="Field" fact readOnly={readOnly} />
            <RowChoice
              row={rule}
              change={change}
              name="operator"
              label="Compared by"
              readOnly={readOnly}
              options={OPERATORS}
            />
            <JsonPart
              label="Value (JSON)"
              readOnly={readOnly}
              value={rule.value}
              onChange={(next) => change({ ...rule, value: next })}
            />
          </div>
        )}
      </Rows>
      <Rows<Line>
        title="Fields kept from it"
        one="mask"
        rows={listAt<Line>(value, "fieldMasks")}
        onChange={(fieldMasks) => draft.set({ fieldMasks })}
        make={() => ({ entityType: firstType, fieldPath: "data.", maskType: "hide" })}
        readOnly={readOnly}
        problem={draft.problemAt("fieldMasks")}
      >
        {(mask, change) => (
          <div className={tripleClass}>
            <RowChoice
              row={mask}
              change={change}
              name="entityType"
              label="Entity type"
              readOnly={readOnly}
              options={typeOptions(textAt(mask, "entityType"))}
            />
            <RowText row={mask} change={change} name="fieldPath" label="Field" fact readOnly={readOnly} />
            <RowChoice
              row={mask}
              change={change}
              name="maskType"
              label="How"
              readOnly={readOnly}
              options={[
                { value: "hide", name: "Hidden" },
                { value: "redact", name: "Redacted" },
              ]}
            />
            {(mask.maskType === "redact" || mask.maskConfig !== undefined) && (
              <JsonPart
                label="Settings (JSON)"
                hint="replacement: what stands in its place."
                readOnly={readOnly}
                value={recordAt(mask, "maskConfig")}
                onChange={(maskConfig) => change({ ...mask, maskConfig })}
              />
            )}
          </div>
        )}
      </Rows>
      <NamesPart
        legend={<legend className="text-base font-semibold">Conversations it sees</legend>}
        names={agents}
        chosen={seen}
        onChange={(agentAccess) => draft.set({ agentAccess })}
        readOnly={readOnly}
      />
      <RoleQuestion draft={draft} environment={environment} />
    </div>
  );
}
