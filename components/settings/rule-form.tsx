"use client";

import { useEffect, useState } from "react";
import { useForm } from "#client/form.ts";
import type { RuleRow } from "#client/live-rules.ts";
import {
  createRule,
  simulateRules,
  type Simulated,
  testRules,
  type Tested,
  updateRule,
} from "#client/rules.ts";
import { useAction } from "#client/action.ts";
import { type Environment, ENVIRONMENTS } from "#domain/catalog.ts";
import { heldTools } from "#domain/rules/free-tools.ts";
import { patternFault } from "#domain/rules/pattern.ts";
import { RULE_ACTIONS, type RuleAction } from "#domain/rules/rule.ts";
import { LIMITS } from "#domain/limits.ts";
import { Button } from "../ui/button.tsx";
import { Field } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Choice } from "../ui/select.tsx";

export const ACTION_NAMES: Record<RuleAction, string> = {
  auto_approve: "Allow",
  auto_deny: "Deny",
  ask: "Ask",
};

/** Where a rule counts, in words. */
export const placeName = ({ scope, environment }: Pick<RuleRow, "scope" | "environment">): string =>
  scope === "environment" ? (environment ?? "") : scope === "agent" ? "one agent" : "everywhere";

const EVERYWHERE = "everywhere";
const PLACES = [...ENVIRONMENTS, EVERYWHERE] as const;

/** Whether a rule holds back what agents do without asking: an agent knows of that from its start. */
const isHolding = (pattern: string, action: RuleAction): boolean =>
  heldTools([{ pattern, action, enabled: true }]).length > 0;

interface Fields {
  name: string;
  pattern: string;
  action: RuleAction;
  place: Environment | typeof EVERYWHERE;
}

const fieldsOf = (row: RuleRow | undefined): Fields => ({
  name: row?.name ?? "",
  pattern: row?.pattern ?? "builtin:shell:",
  action: row?.action ?? "auto_approve",
  place: row ? (row.environment ?? EVERYWHERE) : "development",
});

/** Adds a rule, or changes one, with what it would say of a command, and what it would have said before. */
export function RuleForm({ editing, onDone }: { editing: RuleRow | undefined; onDone: () => void }) {
  const form = useForm<Fields>({
    initial: fieldsOf(editing),
    check: ({ name, pattern }) => {
      const fault = patternFault(pattern);
      return {
        name: name.trim() === "" && "Enter a name.",
        pattern: fault !== null && `The pattern ${fault}.`,
      };
    },
    send: async ({ name, pattern, action, place }, set) => {
      const fields = { name: name.trim(), tool_pattern: pattern, action };
      if (editing) await updateRule(editing.id, fields);
      else
        await createRule({
          ...fields,
          ...(place === EVERYWHERE
            ? { scope: "organization" }
            : { scope: "environment", environment: place }),
        });
      set(fieldsOf(undefined));
      onDone();
    },
    failed: "Couldn't save the rule",
  });
  const { pattern, action } = form.values;
  return (
    <FormCard
      title={editing ? `Change ${editing.name}` : "New rule"}
      form={form}
      submit={{ label: editing ? "Save" : "Add rule", busy: "Saving" }}
    >
      <div className="grid grid-cols-[minmax(0,1fr)_160px_200px] items-start gap-4 max-md:grid-cols-1">
        <Field label="Name" {...form.field("name")} maxLength={LIMITS.ruleName.max} autoComplete="off" />
        <Choice
          label="Does"
          {...form.choice("action")}
          options={RULE_ACTIONS.map((value) => ({ value, name: ACTION_NAMES[value] }))}
        />
        {editing ? (
          <Field label="Where" value={placeName(editing)} readOnly />
        ) : (
          <Choice
            label="Where"
            {...form.choice("place")}
            options={PLACES.map((value) => ({ value, name: value }))}
          />
        )}
      </div>
      <Field
        label="Pattern"
        {...form.field("pattern")}
        className="fact"
        maxLength={LIMITS.rulePattern.max}
        autoComplete="off"
        spellCheck={false}
        hint="server:tool:arguments, such as builtin:shell:npm test *. An asterisk stands for any text."
      />
      {isHolding(pattern, action) && (
        <p className="text-small text-ink-2">
          Agents use this tool without asking. A session that is running follows the rule once its agent
          starts again; new sessions follow it at once.
        </p>
      )}
      <Trial pattern={pattern} action={action} />
    </FormCard>
  );
}

const WAIT_MS = 300;

/** What the rule by itself says of a pasted command, and what it would have said in the last 30 days. */
function Trial({ pattern, action }: { pattern: string; action: RuleAction }) {
  const [command, setCommand] = useState("");
  /** Each with what it was asked for: what was asked before says nothing of it. */
  const [tested, setTested] = useState<{ of: string; result: Tested }>();
  const [tried, setTried] = useState<{ of: string; result: Simulated }>();
  const isUsable = patternFault(pattern) === null;
  const asked = JSON.stringify([pattern, action]);
  const askedOf = JSON.stringify([pattern, action, command]);
  const said = tested?.of === askedOf ? tested.result : undefined;
  const past = tried?.of === asked ? tried.result : undefined;
  useEffect(() => {
    if (command.trim() === "" || !isUsable) return undefined;
    let isOver = false;
    const timer = setTimeout(() => {
      const rules = [{ name: "This rule", tool_pattern: pattern, action }];
      // Nothing is shown of a test that can't be asked for: the next key tries again.
      void testRules({ request: { command }, rules }).then(
        (result) => isOver || setTested({ of: askedOf, result }),
        () => undefined,
      );
    }, WAIT_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [command, pattern, action, isUsable, askedOf]);
  const simulate = useAction(async () => {
    const rules = [{ name: "This rule", tool_pattern: pattern, action }];
    setTried({ of: asked, result: await simulateRules({ rules }) });
  }, "Couldn't look at past requests");
  const differing = past?.matches.filter(({ differs }) => differs) ?? [];
  return (
    <div className="grid gap-3">
      <Field
        label="Try it on a command"
        name="trial"
        value={command}
        onChange={({ target }) => setCommand(target.value)}
        className="fact"
        autoComplete="off"
        spellCheck={false}
        placeholder="npm test && git push"
      />
      <output className="block text-small text-ink-2" data-testid="rule-trial">
        {said && `${ACTION_NAMES[said.action]}: ${said.why}`}
      </output>
      <div className="flex flex-wrap items-center gap-3 text-small text-ink-2">
        <Button size="sm" off={!isUsable || simulate.pending} onClick={() => simulate.run()}>
          {simulate.pending ? "Looking" : "Try it on past requests"}
        </Button>
        <output data-testid="rule-past">
          {past &&
            `Matches ${past.matches.length} of the last ${past.looked_at} requests; people decided ${differing.length} of them the other way.`}
        </output>
      </div>
      {differing.length > 0 && (
        <ul className="list-none text-small text-ink-2">
          {differing.slice(0, 5).map(({ approval_key, summary, decision }) => (
            <li key={approval_key} className="wrap-anywhere">
              {summary}: {decision} by a person
            </li>
          ))}
        </ul>
      )}
      <ActionProblem failure={simulate.failure} brief />
    </div>
  );
}
