// @vitest-environment happy-dom
import { Tooltip } from "@base-ui/react/tooltip";
import { screen, within } from "@testing-library/react";
import { beforeEach, expect, test, vi } from "vitest";
import type { Balance } from "#client/live-settings.ts";
import type { UsageReport } from "#client/settings.ts";
import { MonthCard } from "#components/settings/month-card.tsx";
import { NavBalance } from "#components/shell/nav-balance.tsx";
import { draw } from "./render.tsx";

let balance: Balance | null;
vi.mock(import("#client/live-settings.ts"), async (original) => ({
  ...(await original()),
  useBalance: (initial) => balance ?? initial,
}));
beforeEach(() => void (balance = null));

const drawn = (now: Balance | null) => {
  balance = now;
  draw(
    <Tooltip.Provider>
      <NavBalance />
    </Tooltip.Provider>,
  );
  return screen.queryByRole("link");
};

test("the navigation says in a few characters what there is, and in words what is held and spent", () => {
  const link = drawn({ balanceMicroUsd: 4_310_000, heldMicroUsd: 100_000, spentMicroUsd: 2_000_000 });
  expect(link?.getAttribute("href")).toBe("/settings/billing");
  expect(link?.textContent).toBe("$4.21 of credits available, $0.10 reserved, $2.00 spent this month");
  expect(link?.className).not.toContain("text-danger");
});

test("it shows nothing before it knows, and never less than nothing", () => {
  expect(drawn(null)).toBeNull();
  const link = drawn({ balanceMicroUsd: -5_000_000, heldMicroUsd: 0, spentMicroUsd: 7_000_000 });
  expect(link?.textContent).toContain("$0 of credits available");
  expect(link?.className).toContain("text-danger");
});

test.each([
  [0, "$0"],
  [42_140_000, "$42.1"],
  [1_234_000_000, "$1.23K"],
])("%d micro-dollars are %s", (balanceMicroUsd, words) => {
  const link = drawn({ balanceMicroUsd, heldMicroUsd: 0, spentMicroUsd: 0 });
  expect(link?.textContent?.split(" ")[0]).toBe(words);
});

const MONTH: UsageReport["month"] = {
  month: "2026-11",
  spent_micro_usd: 3_000_000,
  forecast_micro_usd: 9_500_000,
  spent_credits_micro_usd: 1_000_000,
  forecast_credits_micro_usd: 2_500_000,
  basis_days: 7,
  sandbox_seconds: 5_400,
  sandbox_hours_limit: null,
};
const month = () => within(screen.getByTestId("month"));

test("the month's forecast says what it is made of", () => {
  draw(<MonthCard month={MONTH} />);
  month().getByText("$9.50, of that $2.50 from credits");
  month().getByText("$3.00, of that $1.00 from credits");
  month().getByText("1 h 30 min");
  month().getByText(/mean of the last 7 whole days/);
  expect(month().queryByRole("meter")).toBeNull();
});

test("with too few days it says so, and a limit of hours is a meter", () => {
  draw(
    <MonthCard
      month={{
        ...MONTH,
        forecast_micro_usd: null,
        forecast_credits_micro_usd: null,
        basis_days: 2,
        sandbox_hours_limit: 2,
      }}
    />,
  );
  month().getByText(/Not enough days yet: it takes 3 whole days/);
  expect(month().queryByText(/mean of the last/)).toBeNull();
  expect(month().getByRole("meter").getAttribute("aria-valuetext")).toBe("1 h 30 min of 2 h");
});
