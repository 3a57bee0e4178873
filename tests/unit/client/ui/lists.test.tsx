// @vitest-environment happy-dom
import { screen, within } from "@testing-library/react";
import { useState } from "react";
import { expect, test } from "vitest";
import { PagedTable } from "#components/ui/data-table.tsx";
import { Confirm } from "#components/ui/dialog.tsx";
import { Choice } from "#components/ui/select.tsx";
import { TabList, TabPanel, Tabs } from "#components/ui/tabs.tsx";
import { draw } from "./render.tsx";

const columns = [
  { name: "Name", isRowName: true, render: ({ name }: { name: string }) => name },
  { name: "Actions", isNameHidden: true, render: () => "Revoke" },
];
const keys = { one: "key", other: "keys" };

test("a table has its columns' and rows' names, and what is below it", async () => {
  let more = 0;
  const pages = {
    rows: [{ name: "ci" }],
    loading: false,
    live: true,
    more: "some" as const,
    loadMore: () => (more += 1),
  };
  const user = draw(
    <PagedTable
      caption="API keys"
      pages={pages}
      columns={columns}
      rowKey={({ name }) => name}
      names={keys}
      empty="No keys"
    />,
  );
  const table = screen.getByRole("table", { name: "API keys" });
  expect(
    within(table)
      .getAllByRole("columnheader")
      .map((head) => head.textContent),
  ).toEqual(["Name", "Actions"]);
  within(table).getByRole("rowheader", { name: "ci" });
  screen.getByText("1 key so far");
  await user.click(screen.getByRole("button", { name: "Load more" }));
  expect(more).toBe(1);
});

test("a list without rows says so", () => {
  const pages = { rows: [], loading: false, live: true, more: "none" as const, loadMore: () => undefined };
  draw(
    <PagedTable
      caption="API keys"
      pages={pages}
      columns={columns}
      rowKey={({ name }: { name: string }) => name}
      names={keys}
      empty="No keys"
    />,
  );
  screen.getByText("No keys");
  expect(screen.queryByRole("table")).toBeNull();
});

function Asking({ onConfirm }: { onConfirm: () => void }) {
  const [open, setOpen] = useState(true);
  return (
    <Confirm
      open={open}
      onClose={() => setOpen(false)}
      title="Revoke “ci”?"
      confirm="Revoke key"
      cancel="Keep it"
      onConfirm={onConfirm}
    >
      This can't be undone.
    </Confirm>
  );
}

test("a question begins at the harmless answer, which Enter gives", async () => {
  let confirmed = 0;
  const user = draw(<Asking onConfirm={() => (confirmed += 1)} />);
  const dialog = await screen.findByRole("alertdialog", { name: "Revoke “ci”?" });
  await expect.poll(() => document.activeElement?.textContent).toBe("Keep it");
  await user.keyboard("{Enter}");
  await expect.poll(() => dialog.isConnected).toBe(false);
  expect(confirmed).toBe(0);
});

test("the other answer acts once, when the question is gone", async () => {
  let confirmed = 0;
  const user = draw(<Asking onConfirm={() => (confirmed += 1)} />);
  await user.click(await screen.findByRole("button", { name: "Revoke key" }));
  await expect.poll(() => screen.queryByRole("alertdialog")).toBeNull();
  expect(confirmed).toBe(1);
});

function Panes() {
  const [value, setValue] = useState<"files" | "diff">("files");
  return (
    <Tabs value={value} onChange={setValue}>
      <TabList
        label="Workspace"
        items={[
          { value: "files", name: "Files" },
          { value: "diff", name: "Diff", count: 3 },
        ]}
      />
      <TabPanel value={value} label={value}>
        The {value}
      </TabPanel>
    </Tabs>
  );
}

test("arrow keys move between tabs, and each shows its panel", async () => {
  const user = draw(<Panes />);
  const files = screen.getByRole("tab", { name: "Files" });
  await user.click(files);
  await user.keyboard("{ArrowRight}");
  const diff = screen.getByRole("tab", { name: /Diff/ });
  await expect.poll(() => diff.getAttribute("aria-selected")).toBe("true");
  expect(document.activeElement).toBe(diff);
  expect(screen.getByRole("tabpanel").textContent).toBe("The diff");
});

function Roles() {
  const [value, setValue] = useState<"member" | "admin">("member");
  return (
    <Choice
      label="Role"
      value={value}
      onChange={setValue}
      options={[
        { value: "member", name: "Member" },
        { value: "admin", name: "Admin" },
      ]}
    />
  );
}

test("a list is named, shows its choice, and is chosen from by keyboard", async () => {
  const user = draw(<Roles />);
  const list = screen.getByRole("combobox", { name: "Role" });
  expect(list.textContent).toBe("Member");
  list.focus();
  await user.keyboard("{Enter}");
  await screen.findByRole("option", { name: "Admin" });
  await user.keyboard("{ArrowDown}{Enter}");
  await expect.poll(() => list.textContent).toBe("Admin");
});
