/** A session's export as Studio writes it, in one piece: its head, and two events. */
export const EXPORTED_SESSION = {
  export_version: 1,
  exported_at: "2026-11-30T10:00:00.000Z",
  session: {
    id: "s1",
    session_id: "s1",
    agent_id: null,
    agent_name: null,
    title: "Mend the shop",
    status: "stopped",
    waiting_for: null,
    environment: "development",
    provider: "demo",
    model: "demo",
    parent_session_id: null,
    branch_from_seq: null,
    message_count: 1,
    runs_count: 1,
    total_input_tokens: 12,
    total_output_tokens: 3,
    total_cost_usd: 4.5,
    created_at: "2026-11-30T09:00:00.000Z",
    updated_at: "2026-11-30T09:30:00.000Z",
    ended_at: "2026-11-30T09:30:00.000Z",
    archived_at: null,
  },
  agent: null,
  stats: {
    total_input_tokens: 12,
    total_output_tokens: 3,
    total_cost_usd: 4.5,
    total_duration_ms: 1_800_000,
    llm_call_count: 1,
    tool_call_count: 0,
    tool_approved_count: 0,
    tool_denied_count: 0,
    model: "demo",
    provider: "demo",
  },
  events: [
    {
      event_id: "e1",
      type: "message.user",
      ts: "2026-11-30T09:00:01.000Z",
      session_id: "s1",
      run_id: "r1",
      seq: 1,
      source: "ui.user",
      payload: { content: "Look at the prices", user_name: "Ada" },
    },
    {
      event_id: "e2",
      type: "usage.recorded",
      ts: "2026-11-30T09:00:02.000Z",
      session_id: "s1",
      run_id: "r1",
      seq: 2,
      source: "gateway",
      payload: {
        request_id: "q1",
        provider: "demo",
        model: "demo",
        input_tokens: 12,
        cached_tokens: 0,
        output_tokens: 3,
        cost_micro_usd: 4_500_000,
      },
      cost_usd: 4.5,
    },
  ],
};
export type ExportedSession = typeof EXPORTED_SESSION;

/** The same as the file that Studio makes of it. */
export function asJsonFile({ events, ...head }: ExportedSession): string {
  const lines = events.map((event) => JSON.stringify(event)).join(",\n");
  return `${JSON.stringify(head).slice(0, -1)},"events":[${lines === "" ? "" : `\n${lines}`}\n]}\n`;
}
export const asLinesFile = ({ events }: Pick<ExportedSession, "events">): string =>
  events.map((event) => `${JSON.stringify(event)}\n`).join("");
