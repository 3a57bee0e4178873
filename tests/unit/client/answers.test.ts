import { expect, test } from "vitest";
import { answerOf, choose, NOTHING_CHOSEN, write } from "#client/answers.ts";
import { type Asked, answersFault } from "#domain/questions.ts";

const asked = (multiple: boolean): Asked => ({
  question: "Which colours?",
  header: "Colours",
  options: ["Red", "Green", "Blue"].map((label) => ({ label, description: "" })),
  multiple,
  custom: true,
});

test("where one answer is allowed, the last choice is the answer, an option or own words", () => {
  const one = asked(false);
  const green = choose(one, choose(one, NOTHING_CHOSEN, "Red"), "Green");
  expect(answerOf(one, green)).toEqual(["Green"]);
  const own = write(one, green, " Pink ");
  expect(answerOf(one, own)).toEqual(["Pink"]);
  expect(answerOf(one, choose(one, own, "Blue"))).toEqual(["Blue"]);
  expect(answerOf(one, write(one, green, "  "))).toEqual(["Green"]);
});

test("where several are, they stand in the options' order, and a second press takes one back", () => {
  const many = asked(true);
  const all = ["Blue", "Red"].reduce((chosen, label) => choose(many, chosen, label), NOTHING_CHOSEN);
  expect(answerOf(many, write(many, all, "Pink"))).toEqual(["Red", "Blue", "Pink"]);
  expect(answerOf(many, choose(many, all, "Blue"))).toEqual(["Red"]);
});

test("what can be chosen is what the server takes; nothing at all is no answer", () => {
  for (const one of [asked(false), asked(true)]) {
    expect(answersFault([one], [answerOf(one, choose(one, NOTHING_CHOSEN, "Red"))])).toBeNull();
    expect(answersFault([one], [answerOf(one, write(one, NOTHING_CHOSEN, "Pink"))])).toBeNull();
    expect(answersFault([one], [answerOf(one, NOTHING_CHOSEN)])).not.toBeNull();
  }
});
