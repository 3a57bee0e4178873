"use client";

import { useAction } from "#client/action.ts";
import { useSessionRules } from "#client/live-rules.ts";
import { deleteRule, shownPattern } from "#client/rules.ts";
import { useOpened } from "../session/session-context.tsx";
import { Button } from "../ui/button.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const DOES = { auto_approve: "Allows", auto_deny: "Denies", ask: "Asks about" } as const;

/** The rules that people have made for this session alone, each to be taken back; nothing where there are none. */
export function SessionRules() {
  const { session, disabledReason } = useOpened();
  const rules = useSessionRules(session.id);
  const remove = useAction(async (id: string) => await deleteRule(id), "Couldn't remove the rule");
  if (rules.length === 0) return null;
  return (
    <section aria-labelledby="session-rules" className="border-b border-line px-3 py-2">
      <h3 id="session-rules" className="label mb-1">
        Rules of this session
      </h3>
      <ul className="grid gap-1">
        {rules.map(({ id, name, pattern, action, enabled }) => (
          <li key={id} className="flex flex-wrap items-center gap-x-2 text-small">
            <span className="text-ink-2">{enabled ? DOES[action] : "Off:"}</span>
            <span className="fact min-w-0 flex-1 wrap-anywhere" title={pattern}>
              {shownPattern(pattern)}
            </span>
            <Button
              size="sm"
              look="quiet"
              off={disabledReason.drive !== undefined || remove.pending}
              title={disabledReason.drive}
              aria-label={`Remove the rule ${name}`}
              onClick={() => remove.run(id)}
            >
              Remove
            </Button>
          </li>
        ))}
      </ul>
      <ActionProblem failure={remove.failure} brief />
    </section>
  );
}
