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
import { AgentForm, FormModels } from "./agent-form.tsx";
import { AgentVersions } from "./agent-versions.tsx";
import { PageHead } from "./page-head.tsx";
import { ViewOnly } from "./view-only.tsx";

/** One of the organization's agents. */
export function AgentScreen(props: { agentId: string; models: Models; disabledReason: string | undefined }) {
  return (
    <Live
      refused="Couldn't load the agent"
      meanwhile="sessions keep theirs"
      head={<PageHead title="Agent">It may have been deleted.</PageHead>}
    >
      <FormModels value={props.models}>
        <Agent {...props} />
      </FormModels>
    </Live>
  );
}

function Agent({ agentId, disabledReason }: { agentId: string; disabledReason: string | undefined }) {
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
        {!isOff && <AgentForm key={agent.revision} editing={agent} inPage onDone={() => undefined} />}
        <AgentVersions agentId={agentId} mayChange={!isOff} />
      </div>
    </>
  );
}
