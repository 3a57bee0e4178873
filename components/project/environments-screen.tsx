"use client";

import { useId, useState } from "react";
import { useAction } from "#client/action.ts";
import { type Divergence, divergences, promotionEffects } from "#client/promotion.ts";
import {
  promoteDefinitions,
  type ProjectNames,
  useOneDefinition,
  useProjectNames,
  useReadProject,
} from "#client/project.ts";
import { serverNow } from "#client/server-clock.ts";
import type { Environment } from "#domain/catalog.ts";
import { plural } from "#domain/plural.ts";
import { KIND_NAMES, nameKey } from "#domain/project/kinds.ts";
import { PageHead } from "../settings/page-head.tsx";
import { ViewOnly } from "../settings/view-only.tsx";
import { Button } from "../ui/button.tsx";
import { Card, CardHead, Empty } from "../ui/card.tsx";
import { Chip } from "../ui/chip.tsx";
import { Confirm } from "../ui/dialog.tsx";
import { Check } from "../ui/field.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { Notice } from "../ui/notice.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Segments } from "../ui/segments.tsx";
import { Differences } from "./differences.tsx";

type Reasons = Readonly<Record<Environment, string | undefined>>;
type Effects = ReturnType<typeof promotionEffects>;

const OTHER: Record<Environment, Environment> = { development: "production", production: "development" };

/** The two environments beside each other, and what one can take over from the other. */
export function EnvironmentsScreen({ reasons }: { reasons: Reasons }) {
  const head = (
    <PageHead title="Environments">
      What is different between development and production. Promote what you choose; nothing else changes.
    </PageHead>
  );
  return (
    <Live refused="Couldn't load the environments" meanwhile="the project is kept" head={head}>
      {head}
      <Compared reasons={reasons} />
    </Live>
  );
}

function Compared({ reasons }: { reasons: Reasons }) {
  const [target, setTarget] = useState<Environment>("production");
  const source = useProjectNames(OTHER[target]);
  const there = useProjectNames(target);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <Segments
        label="Direction"
        className="justify-self-start"
        value={target}
        onChange={setTarget}
        items={[
          { value: "production", name: "To production" },
          { value: "development", name: "To development" },
        ]}
      />
      <ViewOnly why={reasons[target]} />
      {source && there ? (
        <Choosing
          key={target}
          target={target}
          source={source}
          there={there}
          isOff={reasons[target] !== undefined}
        />
      ) : (
        <Loading>Loading both environments</Loading>
      )}
    </div>
  );
}

const STANDING = {
  new: { tone: "success", name: "new" },
  changed: { tone: "info", name: "changed" },
  gone: { tone: "danger", name: "only there" },
} as const;

interface Plan {
  /** The revisions that it was made for. */
  from: number;
  base: number;
  names: Divergence[];
  effects: Effects;
}

function Choosing({
  target,
  source,
  there,
  isOff,
}: {
  target: Environment;
  source: ProjectNames;
  there: ProjectNames;
  isOff: boolean;
}) {
  const from = OTHER[target];
  const all = divergences(source, there);
  /** Those that were ticked or unticked; without a word of theirs, all but deletions are chosen. */
  const [said, setSaid] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isChosen = (one: Divergence) => said.get(nameKey(one)) ?? one.standing !== "gone";
  const chosen = all.filter(isChosen);
  const read = useReadProject();
  const [plan, setPlan] = useState<Plan>();
  const [isAsked, setAsked] = useState(false);
  const planning = useAction(async (names: Divergence[]) => {
    const [mine, theirs] = await Promise.all([read(from), read(target)]);
    const effects = promotionEffects(mine, theirs, names, new Date(serverNow()));
    setPlan({ from: source.revision, base: there.revision, names, effects });
  }, "Couldn't read the environments");
  const promoting = useAction(async (made: Plan) => {
    await promoteDefinitions(target, {
      from,
      from_revision: made.from,
      base_revision: made.base,
      names: made.names.map(({ kind, slug }) => ({ kind, slug })),
    });
    setPlan(undefined);
    setSaid(new Map());
  }, `Couldn't promote to ${target}`);
  if (all.length === 0)
    return (
      <Empty card title="Both environments are the same">
        What changes in {from} shows here until it is promoted.
      </Empty>
    );
  const toggle = (one: Divergence, isOn: boolean) => {
    setSaid((before) => new Map(before).set(nameKey(one), isOn));
    setPlan(undefined);
  };
  const isStale = plan && (plan.from !== source.revision || plan.base !== there.revision);
  const count = chosen.length;
  return (
    <>
      <Card aria-labelledby="divergences">
        <CardHead id="divergences" title={`From ${from} to ${target}`}>
          <span className="text-small text-ink-3">
            revision <span className="fact">{source.revision}</span> to{" "}
            <span className="fact">{there.revision}</span>
          </span>
        </CardHead>
        <ul aria-label="Definitions that are different">
          {all.map((one) => (
            <Row
              key={nameKey(one)}
              one={one}
              target={target}
              isOff={isOff}
              checked={isChosen(one)}
              onChange={(isOn) => toggle(one, isOn)}
            />
          ))}
        </ul>
        {!isOff && (
          <div className="flex flex-wrap items-center gap-2 p-3.5">
            <Button
              look={plan && !isStale ? "plain" : "primary"}
              off={count === 0}
              title={count === 0 ? "Choose a definition first" : undefined}
              action={{ pending: planning.pending, run: () => planning.run(chosen) }}
              busy="Looking at both"
            >
              Review {count} {plural(count, "change", "changes")}
            </Button>
          </div>
        )}
      </Card>
      <ActionProblem failure={planning.failure} />
      <ActionProblem failure={promoting.failure} />
      {plan && (
        <PlanCard plan={plan} target={target}>
          {isStale ? (
            <Notice tone="warning" title="The project has changed since this plan was made">
              <p>Review again: the plan holds for the revisions that it was made for alone.</p>
            </Notice>
          ) : (
            <Button
              look="primary"
              action={{ pending: promoting.pending, run: () => setAsked(true) }}
              busy="Promoting"
            >
              Promote {plan.names.length} to {target}
            </Button>
          )}
        </PlanCard>
      )}
      <Confirm
        open={isAsked}
        onClose={() => setAsked(false)}
        title={`Promote to ${target}?`}
        confirm={`Promote to ${target}`}
        cancel="Cancel"
        typed={target === "production" ? "production" : undefined}
        onConfirm={() => plan && promoting.run(plan)}
      >
        It counts at once, all or nothing. The change can be taken back in History.
      </Confirm>
    </>
  );
}

function Row({
  one,
  target,
  isOff,
  checked,
  onChange,
}: {
  one: Divergence;
  target: Environment;
  isOff: boolean;
  checked: boolean;
  onChange: (isOn: boolean) => void;
}) {
  const id = useId();
  const [isOpen, setOpen] = useState(false);
  const { tone, name } = STANDING[one.standing];
  return (
    <li className="border-b border-line px-3.5 py-2">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        {!isOff && (
          <Check
            id={id}
            type="checkbox"
            checked={checked}
            onChange={({ target: box }) => onChange(box.checked)}
          />
        )}
        <label htmlFor={id} className="min-w-0 wrap-anywhere">
          {KIND_NAMES[one.kind]} <span className="fact">{one.slug}</span>
        </label>
        <Chip tone={tone}>{one.standing === "gone" ? `only in ${target}` : name}</Chip>
        {one.standing === "gone" && checked && (
          <span className="text-small text-danger">will be deleted</span>
        )}
      </div>
      <details className="mt-0.5" onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary className="w-fit cursor-pointer text-small text-ink-2">Difference</summary>
        <div className="mt-2">{isOpen && <Difference one={one} target={target} />}</div>
      </details>
    </li>
  );
}

function Difference({ one: { kind, slug, standing }, target }: { one: Divergence; target: Environment }) {
  const name = { kind, slug };
  const before = useOneDefinition(target, standing === "new" ? null : name);
  const after = useOneDefinition(OTHER[target], standing === "gone" ? null : name);
  if (before === undefined || after === undefined) return <Loading>Loading both</Loading>;
  return <Differences before={before} after={after} />;
}

function PlanCard({
  plan,
  target,
  children,
}: {
  plan: Plan;
  target: Environment;
  children: React.ReactNode;
}) {
  const count = (standing: Divergence["standing"]) =>
    plan.names.filter((one) => one.standing === standing).length;
  return (
    <Card aria-labelledby="plan">
      <CardHead id="plan" title="What it means">
        <span className="fact text-small text-ink-3">
          created: {count("new")}, updated: {count("changed")}, deleted: {count("gone")}
        </span>
      </CardHead>
      <div className="grid grid-cols-[minmax(0,1fr)] justify-items-start gap-3 p-3.5">
        {plan.effects.length === 0 ? (
          <p className="text-ink-2">No rights, triggers, references, or models in {target} are affected.</p>
        ) : (
          <ul className="grid gap-1" aria-label="Effects">
            {plan.effects.map(({ kind, message }) => (
              <li key={`${kind} ${message}`} className="wrap-anywhere">
                {message}
              </li>
            ))}
          </ul>
        )}
        {children}
      </div>
    </Card>
  );
}
