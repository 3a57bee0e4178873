// @vitest-environment happy-dom
import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { StatusChip } from "#components/ui/status-chip.tsx";
import { ordinal } from "#domain/plural.ts";
import { draw } from "./render.tsx";

test.each([
  [1, "1st"],
  [2, "2nd"],
  [3, "3rd"],
  [4, "4th"],
  [11, "11th"],
  [12, "12th"],
  [22, "22nd"],
  [113, "113th"],
])("place %d is the %s", (place, words) => {
  expect(ordinal(place)).toBe(words);
});

test("who waits for a sandbox is told its place in line, and nobody else", () => {
  draw(
    <>
      <StatusChip status="provisioning" waitingFor="capacity" queuePlace={3} testId="waits" />
      <StatusChip status="provisioning" waitingFor="sandbox" queuePlace={null} testId="begins" />
      <StatusChip status="idle" waitingFor={null} testId="idle" />
    </>,
  );
  const words = (id: string) => screen.getByTestId(id).textContent;
  expect([words("waits"), words("begins"), words("idle")]).toEqual(["3rd in line", "Provisioning", "Idle"]);
});
