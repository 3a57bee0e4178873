import { expect, test } from "vitest";
import { creditsResponse, ledgerResponse } from "#contracts/billing.ts";
import { until } from "#tests/api.ts";
import { startStudio } from "#tests/studio.ts";

/** How often each process is killed; the long mode takes 20. */
const ROUNDS = Number(process.env.STUDIO_KILL_ROUNDS ?? 3);
const CLIENTS = 6;

// Its clients call as fast as they are answered.
const env = { STUDIO_MODEL_CALLS_PER_MINUTE: "100000" };
const { stack, api } = await startStudio(async (all) =>
  all.map((service) => ({ ...service, env: { ...service.env, ...env } })),
);

/** One model call as an agent makes it. Answers its id where the answer came whole. */
async function modelCall(token: string, abortAfterMs: number | null): Promise<string | null> {
  const response = await fetch(`${stack.url}/api/gateway/demo/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({
      model: "demo",
      stream: true,
      messages: [{ role: "user", content: "```demo\nstream 20\n```" }],
    }),
    ...(abortAfterMs !== null && { signal: AbortSignal.timeout(abortAfterMs) }),
  });
  const text = await response.text();
  return response.ok && text.includes("[DONE]") ? response.headers.get("x-studio-request-id") : null;
}

test("whoever is killed and whoever goes away: every answer is charged once, and nothing stays held", async () => {
  const session = await api.createSession();
  const token = (await stack.runInSandbox(session.sandboxId ?? "", "printenv DEMO_API_KEY")).trim();
  const load = { on: true };
  const answered: string[] = [];
  const client = async (number: number) => {
    for (let n = 0; load.on; n++) {
      const goesAway = (n + number) % 5 === 0;
      try {
        const id = await modelCall(token, goesAway ? 40 : null);
        if (id !== null) answered.push(id);
      } catch {
        // Cut off: by itself, or by the death of the server. What was not answered whole proves nothing.
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  };
  const clients = Array.from({ length: CLIENTS }, async (_, number) => await client(number));
  for (let round = 0; round < ROUNDS; round++)
    for (const name of ["web", "data"] as const) {
      await new Promise((resolve) => setTimeout(resolve, 700 + round * 90));
      await stack.kill(name);
      await stack.restart(name);
    }
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  load.on = false;
  await Promise.all(clients);

  const credits = async () => creditsResponse.parse((await api.call("GET", "/api/v1/credits")).body);
  await until("the end of the holds", async () => (await credits()).held_micro_usd === 0, 60_000);
  const events = await api.events(session.id);
  const charged = events
    .filter((event) => event.type === "usage.recorded")
    .map((event) => String(event.payload.request_id));
  expect(new Set(charged).size, "no call is charged twice").toBe(charged.length);
  expect(answered.length).toBeGreaterThan(20);
  expect(
    answered.filter((id) => !charged.includes(id)),
    "no answer is free",
  ).toEqual([]);

  let entries: { delta_micro_usd: number; session_id: string | null }[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const page = ledgerResponse.parse(
      (
        await api.call(
          "GET",
          `/api/v1/credits/ledger?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
        )
      ).body,
    );
    entries = [...entries, ...page.entries];
    cursor = page.next_cursor;
  }
  expect(entries.reduce((sum, entry) => sum + entry.delta_micro_usd, 0)).toBe(
    (await credits()).balance_micro_usd,
  );
  const own = entries.filter((entry) => entry.session_id === session.id);
  expect(own).toHaveLength(charged.length);
  const { totalCreditsConsumed } = await api.session(session.id);
  expect(own.reduce((sum, entry) => sum - entry.delta_micro_usd, 0)).toBe(totalCreditsConsumed);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  await api.stop(session.id);
}, 240_000);
