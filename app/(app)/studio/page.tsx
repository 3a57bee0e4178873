import { History } from "lucide-react";
import type { Metadata } from "next";
import { LimitsBanner } from "#components/common/limits-banner.tsx";
import { RecentSessions } from "#components/start/recent-sessions.tsx";
import { StartSession } from "#components/start/start-session.tsx";
import { ButtonLink } from "#components/ui/button.tsx";
import { Icon } from "#components/ui/icon.tsx";
import { crumbHereClass, PageMain, PageTop } from "#components/ui/page-frame.tsx";
import { roleAtLeast } from "#domain/roles.ts";
import { listAgents } from "#server/agents/agents.ts";
import { meansOf, offeredModels } from "#server/catalog.ts";
import { suggestionsOf } from "#server/project.ts";
import { listSessions } from "#server/sessions/read.ts";
import { listSetups } from "#server/settings/setup.ts";
import { pageMember } from "../member.ts";

export const metadata: Metadata = { title: "New session" };

export default async function StudioPage({
  searchParams,
}: {
  searchParams: Promise<{ text?: string | string[] }>;
}) {
  const { text } = await searchParams;
  const { member, organization } = await pageMember("/studio");
  const [{ sessions }, means, suggestions, setups, { agents }] = await Promise.all([
    listSessions(member, { limit: 5 }),
    meansOf(member),
    suggestionsOf(member),
    listSetups(member),
    listAgents(member, { limit: 100 }),
  ]);
  const models = offeredModels(means);
  return (
    <PageMain>
      <PageTop
        above={[{ name: organization.name }]}
        end={
          <ButtonLink look="quiet" className="ml-auto max-sm:hidden" href="/sessions">
            <Icon as={History} />
            Sessions
          </ButtonLink>
        }
      >
        <span aria-current="page" className={crumbHereClass}>
          New session
        </span>
      </PageTop>
      <div className="flex-1 overflow-auto">
        <div className="mx-auto w-[832px] max-w-full px-4 pt-[104px] pb-8 max-sm:pt-8">
          {roleAtLeast(member.role, "member") && <LimitsBanner />}
          <h1 className="text-display font-semibold tracking-tight">
            What should change in <span className="text-accent">{organization.name}</span>?
          </h1>
          <p className="mt-1 mb-6 text-read text-ink-2">
            The agent works in its own sandbox. It asks before it writes or runs anything.
          </p>
          <StartSession
            models={models}
            role={member.role}
            agents={agents.map(({ id, name, provider, model, repository }) => ({
              id,
              name,
              provider,
              model,
              repository,
            }))}
            suggestions={suggestions}
            missing={Object.fromEntries(setups.map((setup) => [setup.environment, setup.missing]))}
            firstVisit={
              sessions.length === 0 && models.providers.every((provider) => provider.keySource === "platform")
            }
            text={typeof text === "string" ? text.slice(0, 2000) : ""}
          />
          <RecentSessions initial={sessions} />
        </div>
      </div>
    </PageMain>
  );
}
