import { z } from "zod";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { until } from "#net/retry.ts";
import { listOfAgent } from "../agent/own-server.ts";
import { serviceData } from "../convex/client.ts";
import { log, messageOf } from "../log.ts";
import type { AgentConnection } from "./agent-connection.ts";

/** OpenCode asks its model for a title beside the first answer: it may come after that. */
const TITLE_MS = 10_000;
const POLL_MS = 500;
/** What it says until then (OpenCode 1.18.33). */
const NONE_YET = /^New session - /;

const titledSession = z.object({ title: z.string() });

/**
 * Takes over the title that the agent has found for its session, as long as that is called after its first message. It
 * comes from the sandbox, so that it is masked and cut. Throws nothing: without it the title stays.
 */
export async function takeTitle(
  { place, agentSessionId, models }: Pick<AgentConnection, "place" | "agentSessionId" | "models">,
  runId: Id<"runs">,
): Promise<void> {
  const data = serviceData();
  try {
    if (!(await data.query(api.sessionAgent.wantsTitle, { runId }))) return;
    const path = `/session/${encodeURIComponent(agentSessionId)}`;
    const found = await until(
      "the agent's title",
      async () => {
        const { title } = titledSession.parse(await listOfAgent(place, path));
        return !NONE_YET.test(title) && title;
      },
      { timeoutMs: TITLE_MS, everyMs: POLL_MS },
    );
    const masked = models.masker.mask(found.slice(0, 10_000)).slice(0, 1_000);
    await data.mutation(api.sessionAgent.titled, { runId, found: masked });
  } catch (error) {
    log("info", "a session's title was not taken over", { runId, error: messageOf(error) });
  }
}
