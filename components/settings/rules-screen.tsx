"use client";

import { ArrowDown, ArrowUp, GripVertical } from "lucide-react";
import Link from "next/link";
import { type DragEvent, useState } from "react";
import { useAction } from "#client/action.ts";
import { placeOfRule, type RuleRow, useRules } from "#client/live-rules.ts";
import { createRule, deleteRule, moveRule, updateRule } from "#client/rules.ts";
import { useNow } from "#client/use-now.ts";
import { hintsFor } from "#domain/rules/hints.ts";
import type { OrganizationSettings } from "#domain/settings.ts";
import { isUnused, UNUSED_DAYS } from "#domain/rules/unused.ts";
import { RULE_SETS, type RuleSetName } from "#domain/rules/sets.ts";
import { Button } from "../ui/button.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Icon } from "../ui/icon.tsx";
import { Live } from "../ui/live.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { ApprovalDeadlineCard } from "./approval-deadline-card.tsx";
import { ApproversCard } from "./approvers-card.tsx";
import { EditableList } from "./editable-list.tsx";
import { PageHead } from "./page-head.tsx";
import { ACTION_NAMES, placeName, RuleForm } from "./rule-form.tsx";

/** What agents may do without a person, may not do, or are asked about. */
export function RulesScreen({
  settings,
  disabledReason,
}: {
  settings: OrganizationSettings;
  disabledReason: string | undefined;
}) {
  const isOff = disabledReason !== undefined;
  return (
    <>
      <PageHead title="Rules">
        What agents may do without asking, and what they may never do. The first rule that matches decides;
        every command in a line needs one of its own. What no rule covers asks a person.
      </PageHead>
      <Live refused="Couldn't load the rules" meanwhile="agents follow them">
        <Rules disabledReason={disabledReason} />
      </Live>
      <div className="mt-5 grid grid-cols-[minmax(0,1fr)] gap-5">
        <ApproversCard approvers={settings.approvers} off={isOff} />
        <ApprovalDeadlineCard settings={settings} off={isOff} />
      </div>
    </>
  );
}

/** The neighbors of a rule within its place. */
function around(rows: readonly RuleRow[], row: RuleRow) {
  const own = rows.filter((one) => placeOfRule(one) === placeOfRule(row));
  const at = own.findIndex(({ id }) => id === row.id);
  return { above: own[at - 1], below: own[at + 1], afterNext: own[at + 2] };
}

const HOUR_MS = 3_600_000;

const HINTS = {
  shadowed: (name: string) => `Never reached: “${name}” decides first.`,
  redundant: (name: string) => `Not needed: “${name}” covers it.`,
  joinable: (name: string, pattern = "") => `Could be one rule with “${name}”: ${pattern}`,
};

function Rules({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useRules();
  const isOff = disabledReason !== undefined;
  const now = useNow(HOUR_MS);
  const [dragged, setDragged] = useState<RuleRow>();
  const remove = useAction(async ({ id }: RuleRow) => await deleteRule(id), "Couldn't delete the rule");
  const turn = useAction(
    async ({ id, enabled }: RuleRow) => await updateRule(id, { enabled: !enabled }),
    "Couldn't change the rule",
  );
  const move = useAction(
    async (id: string, before: string | null) => await moveRule(id, before),
    "Couldn't move the rule",
  );
  const hints = new Map(
    hintsFor((rows ?? []).map((row) => ({ ...row, place: placeOfRule(row) }))).map((hint) => [hint.id, hint]),
  );
  const targetOf = (event: DragEvent): RuleRow | undefined => {
    const id = (event.target as Element).closest("tr")?.getAttribute("data-rule");
    const row = rows?.find((one) => one.id === id);
    return row && dragged && placeOfRule(row) === placeOfRule(dragged) ? row : undefined;
  };
  const columns: Column<RuleRow>[] = [
    {
      name: "Rule",
      isRowName: true,
      className: "max-w-[420px] max-sm:basis-full",
      render: (row) => {
        const hint = hints.get(row.id);
        return (
          <>
            <span className="font-medium wrap-anywhere">{row.name}</span>
            <span className="fact block text-small wrap-anywhere text-ink-2">{row.pattern}</span>
            {hint ? (
              <span className="block text-small text-warning">
                {HINTS[hint.kind](hint.by.name, hint.pattern)}
              </span>
            ) : (
              now !== null &&
              isUnused(row, now) && (
                <span className="block text-small text-warning">
                  Not used for {UNUSED_DAYS} days. Turn it off, or remove it.
                </span>
              )
            )}
          </>
        );
      },
    },
    { name: "Does", render: ({ action }) => ACTION_NAMES[action] },
    { name: "Where", render: placeName },
    {
      name: "On",
      render: (row) => (
        <Button
          size="sm"
          look="quiet"
          role="switch"
          aria-checked={row.enabled}
          aria-label={`Use ${row.name}`}
          off={isOff}
          action={{
            pending: turn.pending && turn.args?.[0].id === row.id,
            run: () => turn.run(row),
          }}
        >
          {row.enabled ? "On" : "Off"}
        </Button>
      ),
    },
    {
      name: "Order",
      className: "whitespace-nowrap",
      render: (row) => {
        const { above, below, afterNext } = around(rows ?? [], row);
        if (isOff) return null;
        return (
          <span className="inline-flex items-center gap-1">
            <span
              aria-hidden
              draggable
              className="cursor-grab touch:hidden"
              onDragStart={(event) => {
                event.dataTransfer.effectAllowed = "move";
                event.dataTransfer.setData("text/plain", row.id);
                setDragged(row);
              }}
              onDragEnd={() => setDragged(undefined)}
            >
              <Icon as={GripVertical} size="sm" />
            </span>
            <Button
              size="sm"
              look="quiet"
              aria-label={`Move ${row.name} up`}
              off={!above || move.pending}
              onClick={() => above && move.run(row.id, above.id)}
            >
              <Icon as={ArrowUp} size="sm" />
            </Button>
            <Button
              size="sm"
              look="quiet"
              aria-label={`Move ${row.name} down`}
              off={!below || move.pending}
              onClick={() => move.run(row.id, afterNext?.id ?? null)}
            >
              <Icon as={ArrowDown} size="sm" />
            </Button>
          </span>
        );
      },
    },
  ];
  return (
    <div
      className="grid grid-cols-[minmax(0,1fr)] gap-5"
      onDragOver={(event) => targetOf(event) && event.preventDefault()}
      onDrop={(event) => {
        const target = targetOf(event);
        if (!target || !dragged) return;
        event.preventDefault();
        if (target.id !== dragged.id) move.run(dragged.id, target.id);
      }}
    >
      <EditableList
        caption="Rules"
        rows={rows}
        rowKey={({ id }) => id}
        rowProps={({ id }) => ({ "data-rule": id })}
        nameOf={({ name }) => name}
        columns={columns}
        disabledReason={disabledReason}
        failure={remove.failure ?? turn.failure ?? move.failure}
        empty={{
          title: "No rules yet",
          text: "Agents ask before they run a command or change a file. Start with a set, or add a rule.",
        }}
        form={RuleForm}
        removal={{
          confirm: "Remove rule",
          text: "What it decided is asked from now on.",
          run: remove.run,
        }}
      />
      {!isOff && rows && <Sets rows={rows} />}
      {!isOff && (
        <p className="text-small text-ink-2">
          Who changed which rule is in the{" "}
          <Link className="link" href="/settings/audit">
            audit log
          </Link>
          .
        </p>
      )}
    </div>
  );
}

/** Sets to begin with: copied into the development environment, and from then on like any other rules. */
function Sets({ rows }: { rows: readonly RuleRow[] }) {
  const copy = useAction(async (name: RuleSetName) => {
    const { rules } = RULE_SETS[name];
    const has = ({ pattern, action }: (typeof rules)[number]) =>
      rows.some(
        (row) => row.environment === "development" && row.pattern === pattern && row.action === action,
      );
    for (const [index, rule] of rules.entries()) {
      // Sets have rules in common, and one that broke off is added again.
      if (has(rule)) continue;
      const { name: called, pattern, action } = rule;
      await createRule({
        name: called,
        tool_pattern: pattern,
        action,
        scope: "environment",
        environment: "development",
        priority: (rules.length - index) * 10,
      });
    }
  }, "Couldn't add all of the set's rules");
  return (
    <Card aria-label="Sets of rules">
      <CardHead title="Start with a set" />
      <ul className="grid list-none gap-3 p-4">
        {(Object.keys(RULE_SETS) as RuleSetName[]).map((name) => {
          const words = copy.pending && copy.args?.[0] === name ? "Adding" : "Add to development";
          return (
            <li key={name} className="flex flex-wrap items-center justify-between gap-3">
              <span>
                <span className="font-medium">{RULE_SETS[name].name}</span>
                <span className="block text-small text-ink-2">{RULE_SETS[name].text}</span>
              </span>
              <Button
                size="sm"
                aria-label={`${words}: ${RULE_SETS[name].name}`}
                off={copy.pending}
                onClick={() => copy.run(name)}
              >
                {words}
              </Button>
            </li>
          );
        })}
      </ul>
      <ActionProblem failure={copy.failure} brief />
    </Card>
  );
}
