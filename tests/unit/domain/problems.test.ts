import { describe, expect, test } from "vitest";
import { PROBLEM_KINDS, problemFor } from "#domain/problems.ts";
import { PREVIEW_PROBLEMS } from "#domain/problems/previews.ts";

describe("the sentences of refusals", () => {
  test("a refusal has its kind's code and sentence, and the values in it", () => {
    expect(problemFor("session_not_ready")).toEqual({
      code: "not_ready",
      kind: "session_not_ready",
      params: {},
      message: "The session's sandbox is still being created. Try again in a moment.",
    });
    expect(problemFor("queue_full", { limit: 10 })).toEqual({
      code: "queue_full",
      kind: "queue_full",
      params: { limit: 10 },
      message: "10 messages are already waiting. Try again once one has been taken.",
    });
  });

  test("a wrong or missing value is an error of types", () => {
    // @ts-expect-error -- the limit is missing
    expect(() => problemFor("queue_full")).not.toThrow();
    // @ts-expect-error -- there is no such value
    expect(problemFor("queue_full", { most: 10 }).code).toBe("queue_full");
    // @ts-expect-error -- this sentence needs no values
    expect(problemFor("session_ended", { limit: 1 }).code).toBe("session_stopped");
  });

  test("a payer's refusal says what is wrong with the key that is there", () => {
    const detail = (key: "error" | "inactive" | null) =>
      problemFor("no_credits", { provider: "xAI", key }).message;
    expect(detail(null)).toMatch(/Add credits, or a key for xAI/);
    expect(detail("error")).toMatch(/was rejected: replace it/);
    expect(detail("inactive")).toMatch(/hasn't been tested yet/);
  });

  test("each is a sentence, with a full stop", () => {
    const fixed = [
      ...Object.values(PROBLEM_KINDS).flatMap(({ sentence }) =>
        typeof sentence === "string" ? [sentence] : [],
      ),
      ...Object.values(PREVIEW_PROBLEMS).flatMap(({ title, next }) => [title, next]),
    ];
    expect(fixed.length).toBeGreaterThan(50);
    expect(fixed.filter((sentence) => !/^\S.* .*\.$/.test(sentence))).toEqual([]);
  });
});
