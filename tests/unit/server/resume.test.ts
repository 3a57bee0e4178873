import { Masker } from "#domain/mask.ts";
import { expect, test } from "vitest";
import { maskSecrets } from "#domain/mask.ts";
import { endOfTurn, fromAcp } from "#server/agent/from-acp.ts";
import { type AgentEvent, EMPTY_TRANSLATION } from "#server/agent/translation.ts";
import { heldBackOf, openCalls, resumeTranslation, type StoredEvent } from "#server/agent/resume.ts";
import type { RpcMessage } from "#server/agent/wire.ts";
import { recorded } from "./recorded.ts";

/** Translates a turn; before the message `split`, another server takes it over with the log and what was held back. */
function translate(messages: readonly RpcMessage[], split: number): AgentEvent[] {
  let keys = 0;
  let state = EMPTY_TRANSLATION;
  const events: AgentEvent[] = [];
  const logged: StoredEvent[] = [];
  messages.forEach((message, index) => {
    const now = 1_000 + index * 10;
    if (index === split) state = resumeTranslation(logged, heldBackOf(state));
    const context = {
      provider: "p",
      model: "m",
      now,
      masker: new Masker(),
      approvalMs: 600_000,
      newKey: () => `apr_${++keys}`,
    };
    const next = message.result === undefined ? fromAcp(state, message, context) : endOfTurn(state, context);
    state = next.state;
    events.push(...next.events);
    logged.push(
      ...next.events.map(({ type, payload }) => ({ type, payload: JSON.stringify(payload), ts: now })),
    );
    // Another server reads the events of the run that is going.
    if (message.result !== undefined) logged.length = 0;
  });
  return events;
}

test.each(["basic", "permissions-errors-subagents", "session-operations"])(
  "the recording %s gives the same events wherever another server takes over",
  { timeout: 30_000 },
  (name) => {
    const messages = recorded(name);
    const whole = translate(messages, -1);
    expect(whole.length).toBeGreaterThan(10);
    for (let split = 0; split < messages.length; split++)
      expect(translate(messages, split), `taken over before message ${split}`).toEqual(whole);
  },
);

const words = (text: string): RpcMessage => ({
  method: "session/update",
  params: {
    update: { sessionUpdate: "agent_message_chunk", messageId: "m", content: { type: "text", text } },
  },
});

test("what is held back as the possible beginning of a secret is neither lost nor shown", () => {
  const pieces = ["s", "imple: ", "sk_st", "udio_xxxx", "x".repeat(39), " was it", " g"];
  const messages = [...pieces.map(words), { result: { stopReason: "end_turn" } }];
  // As the log has them: what is whole is masked when it is stored.
  const stored = (split: number) => maskSecrets(JSON.stringify(translate(messages, split)));
  const whole = stored(-1);
  for (let split = 0; split <= pieces.length; split++) expect(stored(split)).toBe(whole);
  const shown = (JSON.parse(whole) as AgentEvent[])
    .map(({ type, payload }) => (type === "llm.response.chunk" ? payload.delta : ""))
    .join("");
  expect(shown).toBe("simple: sk_studio_… was it g");
  expect(whole).not.toContain("xxxx");
});

test("calls that have begun and not ended are at work", () => {
  const event = (type: string, id: string) => ({
    type,
    payload: JSON.stringify({ tool_call_id: id }),
    ts: 1,
  });
  expect(
    openCalls([
      event("tool.requested", "a"),
      event("tool.requested", "b"),
      event("tool.requested", "c"),
      event("tool.started", "a"),
      event("tool.started", "b"),
      event("tool.error", "b"),
      { type: "llm.response.chunk", payload: '{"message_id":"m","delta":"x"}', ts: 1 },
    ]),
  ).toEqual(["a"]);
});
