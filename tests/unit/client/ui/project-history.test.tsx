// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ChangedRow, ProjectNames, PushRow } from "#client/project.ts";
import { EnvironmentsScreen } from "#components/project/environments-screen.tsx";
import { HistoryScreen } from "#components/project/history-screen.tsx";
import type { Environment } from "#domain/catalog.ts";
import { nameKey, type Project } from "#domain/project/kinds.ts";
import { draw } from "./render.tsx";

/** What the live queries say. */
const said = vi.hoisted(() => ({
  pushes: [] as PushRow[],
  changed: [] as ChangedRow[],
  names: {} as Record<Environment, ProjectNames>,
  projects: {} as Record<Environment, Project>,
  texts: {} as Record<Environment, string>,
}));

vi.mock(import("#client/project.ts"), async (original) => {
  const pages = { loading: false, live: true, more: "none" as const, loadMore: () => undefined };
  return {
    ...(await original()),
    useProjectPushes: () => ({ ...pages, rows: said.pushes }),
    useChanged: () => ({ ...pages, rows: said.changed }),
    useProjectNames: (environment: Environment) => said.names[environment],
    useOneDefinition: (environment: Environment, name: object | null) =>
      name === null ? null : said.texts[environment],
    useReadProject: () => async (environment: Environment) =>
      await Promise.resolve(said.projects[environment]),
  };
});

let sent: { url: string; body: unknown }[];
let answer: () => Response;
beforeEach(() => {
  sent = [];
  answer = () => Response.json({ revision: 9, created: [], updated: [], deleted: [] });
  vi.stubGlobal("fetch", async (url: string, { body }: { body?: string }) => {
    sent.push({ url, body: body === undefined ? undefined : (JSON.parse(body) as unknown) });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const role = (name: string, ...actions: string[]) => ({
  name,
  policies: [{ resource: "ticket", actions, effect: "allow" }],
});

describe("the history", () => {
  const push = (revision: number, more: Partial<PushRow> = {}): PushRow => ({
    revision,
    source: "cli",
    authorId: null,
    authorName: "Mara",
    at: 0,
    created: 0,
    updated: 1,
    deleted: 0,
    undoes: null,
    undoneBy: null,
    ...more,
  });
  beforeEach(() => {
    said.pushes = [
      push(4, { undoes: 2 }),
      push(3, { source: "session" }),
      push(2, { undoneBy: 4 }),
      push(0, { source: "start", authorName: null }),
    ];
    said.changed = [
      {
        kind: "role",
        slug: "clerk",
        number: 2,
        before: JSON.stringify(role("clerk", "read")),
        after: JSON.stringify(role("clerk", "list")),
        beforeLost: false,
        since: { definition: JSON.stringify(role("clerk", "delete")) },
      },
    ];
  });
  const back = (revision: number) => screen.queryByRole("button", { name: `Take back change ${revision}` });

  test("offers to take back what counts, and neither the start nor what was taken back", () => {
    draw(<HistoryScreen environment="development" disabledReason={undefined} />);
    expect([4, 3, 2, 0].map((revision) => back(revision) !== null)).toEqual([true, true, false, false]);
    expect(screen.getByText("took change 2 back")).toBeTruthy();
    expect(screen.getByText("taken back by 4")).toBeTruthy();
  });

  test("offers nothing to those who may only look", () => {
    draw(<HistoryScreen environment="production" disabledReason="Only admins can." />);
    expect(screen.queryByRole("button", { name: /^Take back change/ })).toBeNull();
    expect(screen.getByText("Only admins can.")).toBeTruthy();
  });

  test("takes back once it is confirmed, in production with its name", async () => {
    const user = draw(<HistoryScreen environment="production" disabledReason={undefined} />);
    await user.click(back(3)!);
    const question = within(await screen.findByRole("alertdialog"));
    await user.type(question.getByLabelText(/Type “production”/), "production");
    await user.click(question.getByRole("button", { name: "Take it back" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]!.url).toContain("/api/v1/project/production/changes/3/undo");
  });

  test("that was refused shows what has changed since", async () => {
    answer = () =>
      Response.json(
        { code: "project_moved", detail: "Nothing was taken back: role clerk." },
        { status: 409 },
      );
    const user = draw(<HistoryScreen environment="development" disabledReason={undefined} />);
    await user.click(back(3)!);
    await user.click(
      within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Take it back" }),
    );
    expect((await screen.findByRole("alert")).textContent).toContain("Nothing was taken back");
    expect(screen.getByText(/can't be taken back as a whole/)).toBeTruthy();
    const line = screen.getByRole("row", { name: /policies\[0\]\.actions\[0\]/ });
    expect(line.textContent).toContain("both");
    expect(
      within(line)
        .getAllByRole("cell")
        .map(({ textContent }) => textContent),
    ).toEqual(["list", "read", "delete"]);
  });
});

describe("the environments", () => {
  const names = (revision: number, ...all: [string, string][]): ProjectNames => ({
    revision,
    definitions: all.map(([slug, sha256]) => ({ kind: "role", slug, sha256, bytes: 1, number: 1 })),
  });
  const project = (...roles: ReturnType<typeof role>[]): Project =>
    new Map(
      roles.map((value) => [
        nameKey({ kind: "role", slug: value.name }),
        { kind: "role" as const, slug: value.name, value },
      ]),
    );
  beforeEach(() => {
    said.names = {
      development: names(7, ["clerk", "1"], ["new", "1"]),
      production: names(3, ["clerk", "2"], ["old", "1"]),
    };
    said.projects = {
      development: project(role("clerk", "read", "delete"), role("new", "read")),
      production: project(role("clerk", "read"), role("old", "read")),
    };
    said.texts = {
      development: JSON.stringify(role("clerk", "delete")),
      production: JSON.stringify(role("clerk", "read")),
    };
  });
  const screenOf = (reasons: Partial<Record<Environment, string>> = {}) =>
    draw(<EnvironmentsScreen reasons={{ development: undefined, production: undefined, ...reasons }} />);

  test("promote what is chosen, for what was seen, after its effects and its name", async () => {
    const user = screenOf();
    const boxes = screen.getAllByRole<HTMLInputElement>("checkbox");
    // What only production has is not deleted unless it is chosen.
    expect(boxes.map(({ checked }) => checked)).toEqual([true, true, false]);
    await user.click(screen.getByLabelText(/role\s*new/));
    await user.click(screen.getByRole("button", { name: "Review 1 change" }));
    const effects = await screen.findByRole("list", { name: "Effects" });
    expect(effects.textContent).toContain("Role clerk can now delete ticket.");
    expect(effects.textContent).not.toContain("Role new");
    await user.click(screen.getByRole("button", { name: "Promote 1 to production" }));
    const question = within(await screen.findByRole("alertdialog"));
    await user.click(question.getByRole("button", { name: "Promote to production" }));
    expect(sent).toEqual([]);
    await user.type(question.getByRole("textbox"), "production");
    await user.click(question.getByRole("button", { name: "Promote to production" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]).toEqual({
      url: expect.stringContaining("/api/v1/project/production/promote"),
      body: {
        from: "development",
        from_revision: 7,
        base_revision: 3,
        names: [{ kind: "role", slug: "clerk" }],
      },
    });
  });

  test("delete in the target what was chosen to go, and say so first", async () => {
    const user = screenOf();
    await user.click(screen.getByLabelText(/role\s*old/));
    expect(screen.getByText("will be deleted")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Review 3 changes" }));
    expect(await screen.findByText("created: 1, updated: 1, deleted: 1")).toBeTruthy();
    // Another choice needs another look.
    await user.click(screen.getByLabelText(/role\s*old/));
    expect(screen.queryByRole("button", { name: /^Promote/ })).toBeNull();
  });

  test("are shown, and no more, to those who may not change the target", async () => {
    const user = screenOf({ production: "Only admins can change the project in production." });
    expect(screen.queryByRole("checkbox")).toBeNull();
    expect(screen.queryByRole("button", { name: /^Review/ })).toBeNull();
    await user.click(screen.getByRole("button", { name: "To development" }));
    expect(screen.getByRole("button", { name: "Review 2 changes" })).toBeTruthy();
  });

  test("show each difference, field by field", async () => {
    const user = screenOf();
    await user.click(screen.getAllByText("Difference")[0]!);
    expect((await screen.findByText("policies[0].actions[0]")).parentElement?.textContent).toContain(
      "read → delete",
    );
  });

  test("that are the same say so", () => {
    said.names.production = said.names.development;
    screenOf();
    expect(screen.getByText("Both environments are the same")).toBeTruthy();
  });
});
