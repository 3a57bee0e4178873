import { afterAll, describe, expect, test } from "vitest";
import type { Session } from "#domain/session.ts";
import { OddProvider } from "#tests/odd-provider.ts";
import { sharedStudio } from "#tests/shared-studio.ts";

let session: Session;

const provider = await OddProvider.start();
const { api } = await sharedStudio();
const saved = await api.call("PUT", "/api/v1/provider-keys/compatible:odd", {
  api_key: "key-of-nobody",
  base_url: provider.url,
  models: [{ id: "m" }],
});
expect(saved.status).toBe(200);
const made = await api.call<{ session: Session }>("POST", "/api/studio/sessions?wait=true", {
  environment: "development",
  provider: "compatible:odd",
  model: "m",
});
expect(made.status).toBe(201);
({ session } = made.body);
afterAll(async () => {
  await provider?.stop();
});

/** One message answered in one form: its run, its events, and how often the provider was asked. */
async function answeredAs(form: string) {
  const id = await api.send(session.id, `form:${form} What is the answer?`);
  const run = await api.finish(id);
  const events = (await api.events(session.id)).filter((event) => event.run_id === id);
  return { run, events, calls: provider.calls.get(form) ?? 0 };
}

describe("BUG-1: an answer in an odd form", () => {
  test.each(["no-reason", "odd-reason", "no-calls"])(
    "%s: the words count, and are asked for once",
    async (form) => {
      const { run, events, calls } = await answeredAs(form);
      expect(run).toMatchObject({ status: "completed", output: "The answer is 42." });
      expect(calls).toBe(1);
      const notices = events.filter(({ type }) => type === "llm.response.notice");
      expect(notices.map(({ payload }) => payload.notice)).toEqual(["unknown_end"]);
    },
  );

  test.each([
    ["done-alone", "empty answer"],
    ["nothing", "empty answer"],
    ["html", "a web page in place of an answer"],
    ["error-in-200", "broke off its answer"],
    ["not-a-stream", "doesn't stream its answers"],
    ["cut-off", "broke off in the middle"],
  ])("%s: at most three calls, and the run fails with the provider's fault", async (form, sentence) => {
    const { run, calls } = await answeredAs(form);
    expect(run.status).toBe("failed");
    expect(run.error).toContain(sentence);
    expect(calls).toBeGreaterThan(0);
    expect(calls).toBeLessThanOrEqual(3);
  });

  test("BUG-17: an empty answer is no success", async () => {
    const { run, calls } = await answeredAs("empty-stop");
    expect(run.status).toBe("failed");
    expect(run.error).toContain("sent an empty answer");
    expect(calls).toBe(1);
  });

  test("gzip, though nobody asked for it, is read", async () => {
    const { run, calls } = await answeredAs("gzip");
    expect(run).toMatchObject({ status: "completed", output: "The answer is 42." });
    expect(calls).toBe(1);
  });

  test.each([
    ["length", "cut_length"],
    ["filter", "cut_filter"],
  ])("%s: the answer says that it was cut", async (form, notice) => {
    const { run, events } = await answeredAs(form);
    expect(run.status).toBe("completed");
    const notices = events.filter(({ type }) => type === "llm.response.notice");
    expect(notices.map(({ payload }) => payload.notice)).toEqual([notice]);
  });

  test("BUG-18: zeros behind the figures change nothing", async () => {
    const { events } = await answeredAs("zeros");
    const usage = events.findLast(({ type }) => type === "usage.recorded")?.payload;
    expect(usage).toMatchObject({ input_tokens: 1000, output_tokens: 100 });
  });

  test.each(["broken-arguments", "null-arguments", "no-arguments", "list-arguments", "unknown-tool"])(
    "BUG-20, BUG-B5: %s: the call failed with one line, nothing was called, and the run goes on",
    async (form) => {
      const { run, events, calls } = await answeredAs(form);
      expect(run).toMatchObject({ status: "completed", output: "The answer is 42." });
      expect(calls).toBe(2);
      const types = events.map(({ type }) => type);
      expect(types.filter((type) => /^(approval|run\.violation)|^tool\.completed$/.test(type))).toEqual([]);
      const errors = events.filter(({ type }) => type === "tool.error");
      expect(errors.map(({ payload }) => payload.error)).toEqual([expect.stringMatching(/^[^\n]{10,300}$/)]);
    },
  );

  test("BUG-20, BUG-B5: object-arguments: the call is asked about and runs, as if they had come as text", async () => {
    const id = await api.send(session.id, "form:object-arguments What is the answer?");
    const { approval_key: key, summary } = await api.question(id);
    expect(summary).toContain("echo hi");
    await api.decide(id, key, "approved");
    expect(await api.finish(id)).toMatchObject({ status: "completed", output: "The answer is 42." });
  });

  test("the session takes the next message as if nothing had been", async () => {
    expect((await answeredAs("plain")).run).toMatchObject({
      status: "completed",
      output: "The answer is 42.",
    });
  });
});
