"use client";

import { useRouter } from "next/navigation";
import { useAction } from "#client/action.ts";
import { writeSetting } from "#client/settings.ts";
import type { EnvVarPolicy } from "#domain/skills.ts";
import { Card, CardHead } from "../ui/card.tsx";
import { Check } from "../ui/field.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";

const POLICIES: readonly { value: EnvVarPolicy; name: string; text: string }[] = [
  {
    value: "fail_fast",
    name: "Fail the run",
    text: "It ends before the agent starts, and says what is missing.",
  },
  {
    value: "skip_skill",
    name: "Go on without the skill",
    text: "The message says which skill was left out.",
  },
];

/** What becomes of a run whose skill needs a variable that its sandbox doesn't have. */
export function SkillPolicyCard({ policy, off }: { policy: EnvVarPolicy; off: boolean }) {
  const router = useRouter();
  const write = useAction(async (value: EnvVarPolicy) => {
    await writeSetting("env_var_missing_policy", value);
    router.refresh();
  }, "Couldn't change the setting");
  return (
    <Card aria-labelledby="skill-policy">
      <CardHead id="skill-policy" title="Skills with missing variables" />
      <fieldset className="grid gap-2 p-3.5" disabled={off || write.pending}>
        <legend className="sr-only">When a skill needs a variable that the sandbox doesn't have</legend>
        {POLICIES.map(({ value, name, text }) => (
          <label
            key={value}
            htmlFor={`skill-policy-${value}`}
            className="flex items-start gap-2 touch:min-h-11"
          >
            <Check
              id={`skill-policy-${value}`}
              type="radio"
              name="env-var-missing-policy"
              className="mt-0.5"
              checked={policy === value}
              onChange={() => write.run(value)}
            />
            <span>
              <span className="font-medium">{name}</span>
              <span className="block text-small text-ink-3">{text}</span>
            </span>
          </label>
        ))}
        <ActionProblem failure={write.failure} />
      </fieldset>
    </Card>
  );
}
