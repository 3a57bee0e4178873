"use client";

import type { DefinitionDraft } from "#client/definition-draft.ts";
import { matrixCell, withCell } from "#domain/project/matrix.ts";
import { type Decision, RECORD_ACTIONS } from "#domain/project/permissions.ts";
import type { RoleDefinition } from "#domain/project/schemas.ts";
import { Glyph } from "../ui/glyph.tsx";
import { ScrollRegion } from "../ui/scroll-region.tsx";
import { cn } from "../ui/cn.ts";

/** What is typed, as far as it can be read as a role. */
export function roleOf(value: Record<string, unknown>): RoleDefinition {
  const lines = (key: string) =>
    Array.isArray(value[key])
      ? (value[key] as unknown[]).filter((one) => typeof one === "object" && one !== null)
      : [];
  return {
    name: typeof value.name === "string" ? value.name : "",
    policies: lines("policies").filter((one) => Array.isArray((one as { actions?: unknown }).actions)),
    scopeRules: lines("scopeRules"),
    fieldMasks: lines("fieldMasks").filter(
      (one) => typeof (one as { fieldPath?: unknown }).fieldPath === "string",
    ),
  } as unknown as RoleDefinition;
}

/** Which line decided, in words. */
export function reasonOf({ allowed, because }: Decision): string {
  if (because.kind === "policy") return `${allowed ? "allowed" : "denied"} by line ${because.index + 1}`;
  return because.kind === "no_policy" ? "denied: no line allows it" : "denied: there's no such role";
}

/** What a role may do with records of each type. A press goes from not said to allowed to denied. */
export function RoleMatrix({ draft, types }: { draft: DefinitionDraft; types: readonly string[] }) {
  const role = roleOf(draft.value);
  const named = role.policies.map(({ resource }) => resource).filter((resource) => resource !== "*");
  const resources = [...new Set([...types, ...named, "users"]), "*"];
  return (
    <section aria-labelledby="matrix" className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <div>
        <h3 id="matrix" className="text-base font-semibold">
          What it may do
        </h3>
        <p className="text-small text-ink-3">Deny wins over allow. What no line allows is denied.</p>
      </div>
      <ScrollRegion label="Actions by entity type" className="overflow-x-auto rounded-sm border border-line">
        <table className="w-full min-w-[440px]">
          <thead>
            <tr className="bg-sunken text-small text-ink-3">
              <th scope="col" className="px-2.5 py-1 text-start font-medium">
                Records
              </th>
              {RECORD_ACTIONS.map((action) => (
                <th key={action} scope="col" className="px-2 py-1 text-center font-medium">
                  {action}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {resources.map((resource) => (
              <tr key={resource} className="border-t border-line">
                <th scope="row" className="px-2.5 py-1 text-start font-normal">
                  <span className="fact wrap-anywhere">
                    {resource === "*" ? "everything else (*)" : resource}
                  </span>
                </th>
                {RECORD_ACTIONS.map((action) => {
                  const { decision, own } = matrixCell(role, action, resource);
                  const next = own === null ? "allow" : own === "allow" ? "deny" : null;
                  const reason = reasonOf(decision);
                  return (
                    <td key={action} className="p-0.5 text-center">
                      <button
                        type="button"
                        aria-disabled={draft.readOnly}
                        title={reason}
                        className={cn(
                          "inline-flex h-7 w-full min-w-11 items-center justify-center gap-1 rounded-xs text-small hover:bg-hover touch:h-11",
                          decision.allowed ? "text-success" : "text-ink-3",
                          own === "deny" && "text-danger",
                          own === null && "border border-dashed border-line",
                        )}
                        onClick={() =>
                          !draft.readOnly &&
                          draft.set({ policies: withCell(role.policies, { action, resource }, next) })
                        }
                      >
                        <Glyph name={decision.allowed ? "done" : "denied"} />
                        {decision.allowed ? "yes" : "no"}
                        <span className="sr-only">
                          , {action} {resource}: {reason}
                        </span>
                      </button>
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollRegion>
    </section>
  );
}
