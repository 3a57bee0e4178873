import type { Metadata } from "next";
import { RunsList } from "#components/runs/runs-list.tsx";
import { crumbHereClass, PageMain, PageTop } from "#components/ui/page-frame.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { listAgents } from "#server/agents/agents.ts";
import { meansOf, offeredModels } from "#server/catalog.ts";
import { pageMember } from "../member.ts";

export const metadata: Metadata = { title: "Runs" };

export default async function RunsPage() {
  const { member, organization } = await pageMember("/runs");
  const [{ agents }, means] = await Promise.all([listAgents(member, { limit: 100 }), meansOf(member)]);
  return (
    <PageMain>
      <PageTop above={[{ name: organization.name, hiddenOnPhone: true }]}>
        <h1 aria-current="page" className={crumbHereClass}>
          Runs
        </h1>
      </PageTop>
      <div className="min-h-0 flex-1 overflow-auto px-6 pt-5 pb-8 max-sm:px-3 max-sm:pt-3">
        <RunsList
          agents={agents.map(({ id, name }) => ({ id, name }))}
          models={offeredModels(means).providers.flatMap((provider) =>
            provider.models.map(({ id, name }) => ({ provider: provider.id, model: id, name })),
          )}
          me={member.userId}
          mayRun={roleAtLeast(member.role, "member")}
        />
      </div>
    </PageMain>
  );
}
