"use client";

import { useMemo, useState } from "react";
import type { DefinitionDraft } from "#client/definition-draft.ts";
import { parsedDefinition, useEntityTypes } from "#client/project.ts";
import type { Environment } from "#domain/catalog.ts";
import { AGENT_ROLE, type ProjectActor } from "#domain/project/actor.ts";
import type { FieldSchema } from "#domain/project/entity-schema.ts";
import { isRecord } from "#domain/project/paths.ts";
import { decide, RECORD_ACTIONS, scopeAgainst } from "#domain/project/permissions.ts";
import { sampleOf } from "#domain/project/sample.ts";
import { maskRecord } from "#domain/project/scopes.ts";
import { Field } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { Choice } from "../ui/select.tsx";
import { JsonPart, tripleClass } from "./parts.tsx";
import { reasonOf, roleOf } from "./role-matrix.tsx";

const PERSON = "user-1";

/** A record to try with, of an entity type. */
export function useSample(environment: Environment, slug: string): Record<string, unknown> {
  const types = useEntityTypes(environment);
  return useMemo(() => {
    const text = types?.find((one) => one.slug === slug)?.definition ?? null;
    const sample = sampleOf(parsedDefinition(text)?.schema as FieldSchema | undefined);
    return isRecord(sample) ? sample : {};
  }, [types, slug]);
}

/** What a role may do with one record, answered with the line that decides. */
export function RoleQuestion({ draft, environment }: { draft: DefinitionDraft; environment: Environment }) {
  const role = roleOf(draft.value);
  const types = useEntityTypes(environment)?.map(({ slug }) => slug) ?? [];
  const [action, setAction] = useState<(typeof RECORD_ACTIONS)[number]>("read");
  const [chosen, setChosen] = useState<string>();
  const [userId, setUserId] = useState(PERSON);
  const [entityId, setEntityId] = useState("");
  const type = chosen ?? types[0] ?? "users";
  const sample = useSample(environment, type);
  const [typed, setTyped] = useState<{ type: string; record: unknown }>();
  const record = typed?.type === type && isRecord(typed.record) ? typed.record : sample;
  const actor: ProjectActor = {
    kind: role.name === AGENT_ROLE ? "agent" : "user",
    organizationId: "organization",
    userId,
    roles: [role.name],
    ...(entityId !== "" && { entityId }),
  };
  const decision = decide(actor, action, type, [role]);
  const kept = decision.allowed ? scopeAgainst(actor, type, record, [role]) : null;
  const rule = kept ? role.scopeRules?.[kept.index] : undefined;
  const line = decision.because.kind === "policy" ? role.policies[decision.because.index] : undefined;
  const seen = maskRecord(record, type, [role]);
  const isMasked = JSON.stringify(seen) !== JSON.stringify(record);
  return (
    <section
      aria-labelledby="question"
      className="grid grid-cols-[minmax(0,1fr)] gap-3 rounded-sm border border-line bg-desk p-3"
    >
      <h3 id="question" className="text-base font-semibold">
        What may this role do?
      </h3>
      <div className={tripleClass}>
        <Choice
          label="Action"
          value={action}
          options={RECORD_ACTIONS.map((one) => ({ value: one, name: one }))}
          onChange={setAction}
        />
        <Choice
          label="Records"
          value={type}
          options={[...new Set([...types, "users"])].map((one) => ({ value: one, name: one }))}
          onChange={setChosen}
        />
        <Field
          label={role.name === AGENT_ROLE ? "The user it speaks with" : "The user"}
          fact
          value={userId}
          onChange={({ target }) => setUserId(target.value)}
          hint="Their id, as actor.userId has it."
        />
      </div>
      <div className="grid grid-cols-[minmax(0,2fr)_minmax(0,1fr)] items-start gap-4 max-md:grid-cols-1">
        <JsonPart
          key={type}
          label="The record's data (JSON)"
          rows={6}
          readOnly={false}
          value={record}
          onChange={(next) => setTyped({ type, record: next })}
        />
        <Field
          label="The record that stands for them"
          fact
          value={entityId}
          onChange={({ target }) => setEntityId(target.value)}
          hint="Its id, as actor.entityId has it."
        />
      </div>
      <output className="block">
        <Notice
          tone={decision.allowed && !kept ? "done" : "warning"}
          title={
            decision.allowed && !kept
              ? `Yes, ${reasonOf(decision)}`
              : kept
                ? `No, this record isn't theirs`
                : `No, ${reasonOf(decision)}`
          }
        >
          {line && (
            <p>
              Line {decision.because.kind === "policy" && decision.because.index + 1}:{" "}
              <span className="fact">
                {line.effect} {line.actions.join(", ")} on {line.resource}
              </span>
            </p>
          )}
          {kept && rule && (
            <p>
              Record rule {kept.index + 1} isn&apos;t met:{" "}
              <span className="fact wrap-anywhere">
                {rule.field} {rule.operator} {JSON.stringify(rule.value)}
              </span>
            </p>
          )}
          {decision.allowed && !kept && isMasked && (
            <p>
              They see: <span className="fact wrap-anywhere">{JSON.stringify(seen)}</span>
            </p>
          )}
        </Notice>
      </output>
    </section>
  );
}
