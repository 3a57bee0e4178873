"use client";

import { createContext, useContext } from "react";
import { useAction } from "#client/action.ts";
import { type SkillRow, useSkills } from "#client/live-skills.ts";
import { deleteSkill, updateSkill } from "#client/skills.ts";
import { DEFAULT_SKILL_ROOT } from "#domain/skills.ts";
import { Ago } from "../common/ago.tsx";
import { Button } from "../ui/button.tsx";
import type { Column } from "../ui/data-table.tsx";
import { Live } from "../ui/live.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { EditableList } from "./editable-list.tsx";
import { PageHead } from "./page-head.tsx";
import { SkillForm } from "./skill-form.tsx";
import { SkillImport } from "./skill-import.tsx";
import { SkillOffers } from "./skill-offers.tsx";

interface Who {
  isAdmin: boolean;
  userId: string;
}
const WhoContext = createContext<Who>({ isAdmin: false, userId: "" });

/** The organization's skills. */
export function SkillsScreen({ disabledReason, ...who }: Who & { disabledReason: string | undefined }) {
  return (
    <>
      <PageHead title="Skills">
        Instructions for particular tasks. Agents find them in their workspace, and a message brings one along
        by its name: type $ to choose.
      </PageHead>
      <Live refused="Couldn't load the skills" meanwhile="sessions keep theirs">
        <WhoContext value={who}>
          <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
            <Skills disabledReason={disabledReason} />
            {disabledReason === undefined && <SkillImport />}
          </div>
        </WhoContext>
      </Live>
    </>
  );
}

/** Turns a skill on or off. */
function OnOff({ skill, off }: { skill: SkillRow; off: boolean }) {
  const turn = useAction(
    async (enabled: boolean) => await updateSkill(skill.id, { enabled }),
    `Couldn't turn ${skill.name} ${skill.enabled ? "off" : "on"}`,
  );
  return (
    <>
      <Button
        size="sm"
        look="quiet"
        role="switch"
        aria-checked={skill.enabled}
        aria-label={`Use ${skill.name}`}
        off={off}
        action={{ pending: turn.pending, run: () => turn.run(!skill.enabled) }}
      >
        {skill.enabled ? "On" : "Off"}
      </Button>
      <ActionProblem failure={turn.failure} retryable />
    </>
  );
}

/** Which text sessions in production have: members' texts wait there for an admin. */
function InProduction({ skill, mayApprove }: { skill: SkillRow; mayApprove: boolean }) {
  const { id, name, revision, productionRevision } = skill;
  const approve = useAction(
    async () => await updateSkill(id, { production_revision: revision }),
    `Couldn't approve ${name}`,
  );
  if (productionRevision === revision) return "Yes";
  return (
    <>
      {productionRevision === null ? "Not yet" : `Revision ${productionRevision}`}
      {mayApprove && (
        <Button
          size="sm"
          className="ml-2"
          aria-label={`Approve ${name} for production`}
          action={{ pending: approve.pending, run: () => approve.run() }}
        >
          Approve
        </Button>
      )}
      <ActionProblem failure={approve.failure} retryable />
    </>
  );
}

function Skills({ disabledReason }: { disabledReason: string | undefined }) {
  const rows = useSkills();
  const { isAdmin, userId } = useContext(WhoContext);
  const remove = useAction(deleteSkill, "Couldn't delete the skill");
  const mayChange = (skill: SkillRow) =>
    disabledReason === undefined && (isAdmin || skill.createdById === userId);
  const columns: Column<SkillRow>[] = [
    {
      name: "Skill",
      className: "max-w-[420px] max-sm:basis-full",
      render: ({ name, title, description }) => (
        <>
          <span className="font-medium wrap-anywhere">{title || name}</span>
          {title !== "" && <span className="fact ml-2 text-small wrap-anywhere text-ink-3">{name}</span>}
          <span className="block text-small wrap-anywhere text-ink-3">{description}</span>
        </>
      ),
    },
    {
      name: "Folder",
      hideBelow: "lg",
      className: "fact max-w-[220px] wrap-anywhere text-ink-2",
      render: ({ root }) => (root === DEFAULT_SKILL_ROOT ? "Default" : root),
    },
    {
      name: "Needs",
      className: "fact max-w-[200px] wrap-anywhere text-ink-2",
      render: ({ envVars }) => envVars.join(", ") || "—",
    },
    {
      name: "Changed",
      hideBelow: "lg",
      className: "whitespace-nowrap text-ink-2",
      render: ({ updatedAt }) => <Ago at={updatedAt} />,
    },
    {
      name: "Production",
      className: "whitespace-nowrap text-ink-2",
      render: (skill) => <InProduction skill={skill} mayApprove={isAdmin && disabledReason === undefined} />,
    },
    { name: "In use", render: (skill) => <OnOff skill={skill} off={!mayChange(skill)} /> },
  ];
  const own = new Set(rows?.filter(mayChange).map(({ id }) => id));
  return (
    <>
      <SkillOffers
        mayDecide={(skillId) =>
          skillId === null ? disabledReason === undefined : own.has(skillId as SkillRow["id"])
        }
      />
      <EditableList
        caption="Skills"
        rows={rows}
        rowKey={({ id }) => id}
        nameOf={({ name }) => name}
        columns={columns}
        mayChange={mayChange}
        disabledReason={disabledReason}
        failure={remove.failure}
        empty={{
          title: "No skills yet",
          text: "Write down how your team does something, such as a review or a release, and agents do it that way. Start from an example below.",
        }}
        form={SkillForm}
        removal={{
          confirm: "Delete skill",
          text: "Messages can't bring it along any more, and new sessions don't find it. Its earlier revisions go with it.",
          run: ({ id }) => remove.run(id),
        }}
      />
    </>
  );
}
