"use client";

import { useAction } from "#client/action.ts";
import { agentFileAddress, duplicateAgent } from "#client/agents.ts";
import { leaveFor } from "#client/leave.ts";
import type { Models } from "#client/api.ts";
import { useAgent } from "#client/live-agents.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { Live } from "../ui/live.tsx";
import { Loading } from "../ui/loaded.tsx";
import { AgentEditor } from "./agent-editor.tsx";
import { FormModels, FormOrganization } from "./agent-form.tsx";
import { AgentUsage } from "./agent-usage.tsx";
import { AgentVersions } from "./agent-versions.tsx";
import { PageHead } from "./page-head.tsx";
import { ViewOnly } from "./view-only.tsx";

interface Shown {
  agentId: string;
  disabledReason: string | undefined;
  /** Whether the reader may see what is spent. */
  seesCosts: boolean;
}

/** One of the organization's agents. */
export function AgentScreen(props: Shown & { models: Models; organization: string }) {
  return (
    <Live
      refused="Couldn't load the agent"
      meanwhile="sessions keep theirs"
      head={<PageHead title="Agent">It may have been deleted.</PageHead>}
    >
      <FormModels value={props.models}>
        <FormOrganization value={props.organization}>
          <Agent {...props} />
        </FormOrganization>
      </FormModels>
    </Live>
  );
}

function Agent({ agentId, disabledReason, seesCosts }: Shown) {
  const agent = useAgent(agentId);
  const copying = useAction(async () => {
    const { id } = await duplicateAgent(agentId);
    return await leaveFor(`/settings/agents/${id}`);
  }, "Couldn't duplicate the agent");
  if (!agent) return <Loading>Loading the agent</Loading>;
  const isOff = disabledReason !== undefined;
  return (
    <>
      <PageHead
        title={agent.name}
        actions={
          <>
            {!isOff && (
              <Button action={{ pending: copying.pending, run: () => copying.run() }}>Duplicate</Button>
            )}
            <a className={buttonClass()} href={agentFileAddress(agentId)} download>
              Export
            </a>
          </>
        }
      >
        Version <span className="fact">{agent.revision}</span>. Sessions keep the version that they started
        with.
      </PageHead>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
        <ViewOnly why={disabledReason} />
        <ActionProblem failure={copying.failure} />
        {!isOff && <AgentEditor agent={agent} />}
        {seesCosts && <AgentUsage agentId={agentId} />}
        <AgentVersions agentId={agentId} mayChange={!isOff} />
      </div>
    </>
  );
}
