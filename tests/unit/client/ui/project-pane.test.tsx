// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ProjectPane } from "#components/changes/project-pane.tsx";
import type { ProjectChange, ProjectChanges } from "#client/project-changes.ts";
import { drawSession, stubBackend } from "./session.tsx";

const change = (
  more: Partial<ProjectChange> & Pick<ProjectChange, "kind" | "slug" | "change">,
): ProjectChange => ({
  file: `x/${more.slug}.ts`,
  hash: more.change === "deleted" ? null : "a".repeat(64),
  before: more.change === "created" ? null : "b".repeat(64),
  moved: false,
  fields: more.change === "updated" ? ["policies"] : [],
  fieldCount: more.change === "updated" ? 1 : 0,
  ...more,
});
const ROLE = change({ kind: "role", slug: "agent", change: "updated" });
const EFFECT = {
  kind: "permissions_widened",
  name: { kind: "role" as const, slug: "agent" },
  message: "Role agent can now delete ticket.",
};
const PROJECT: ProjectChanges = {
  environment: "development",
  base: 3,
  revision: 3,
  at: 1,
  problem: null,
  changes: [
    change({ kind: "agent", slug: "refunds", change: "created" }),
    ROLE,
    change({ kind: "trigger", slug: "old", change: "deleted" }),
  ],
  unlisted: 0,
  faults: [{ file: "agents/broken.ts", line: 3, column: 9, message: "Unexpected token" }],
  effects: [EFFECT],
  pushed: null,
};
const ROLE_BEFORE = { name: "agent", policies: "read only" };
const ROLE_NOW = { name: "agent", policies: "read and delete" };
const THEIRS = { name: "agent", policies: "nothing at all" };

let project: ProjectChanges;
let backend: ReturnType<typeof stubBackend>;
let answer: () => Response;

beforeEach(() => {
  project = PROJECT;
  answer = () => Response.json({ ok: true, files: [], runId: "r1" });
  backend = stubBackend((path, _, init) => {
    if (path.endsWith("/project")) return Response.json(project);
    if (path.endsWith("/definition"))
      return Response.json({
        file: "roles/agent.ts",
        base: JSON.stringify(ROLE_BEFORE),
        workspace: JSON.stringify(ROLE_NOW),
        current: JSON.stringify(project.base === project.revision ? ROLE_BEFORE : THEIRS),
      });
    const { dryRun } = JSON.parse(typeof init.body === "string" ? init.body : "{}") as { dryRun?: boolean };
    const none = { created: [], updated: [], deleted: [] };
    if (dryRun) return Response.json({ revision: 3, dryRun, ...none, effects: [EFFECT] });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

const draw = () => drawSession([["session.status", { status: "idle", waiting_for: null }]], <ProjectPane />);
const sent = (tail: string) =>
  backend.requests
    .filter(({ path }) => path.endsWith(tail))
    .map(({ body }) => body as Record<string, unknown>);
const pushed = () => sent("/project/push").filter(({ dryRun }) => !dryRun);

test("changes are listed with what they mean, deletions apart and not chosen, problems by file and line", async () => {
  const user = draw();
  const list = within(await screen.findByRole("list", { name: "Changed definitions" }));
  expect(list.getByText("Role agent can now delete ticket.")).toBeTruthy();
  expect(list.getByRole<HTMLInputElement>("checkbox", { name: "Choose agent refunds" }).checked).toBe(true);
  const deleted = within(screen.getByRole("list", { name: "Deleted definitions" }));
  expect(deleted.getByRole<HTMLInputElement>("checkbox").checked).toBe(false);
  expect(screen.getByText("agents/broken.ts:3:9: Unexpected token")).toBeTruthy();
  await user.click(list.getByRole("button", { name: /agent.*role.*policies/ }));
  expect(await screen.findByText("read only")).toBeTruthy();
  expect(screen.getByText("read and delete")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Source" }));
  expect(await screen.findByText(/defineRole\(\{/)).toBeTruthy();
});

test("what is chosen is pushed as it was seen; a deletion is confirmed once more", async () => {
  const user = draw();
  await user.click(await screen.findByRole("checkbox", { name: "Choose agent refunds" }));
  await user.click(screen.getByRole("checkbox", { name: "Choose trigger old" }));
  await user.click(screen.getByRole("button", { name: "Push 2 to development" }));
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByText("Role agent can now delete ticket.");
  const push = dialog.getByRole("button", { name: "Push to development" });
  expect(push.getAttribute("aria-disabled")).toBe("true");
  await user.click(push);
  expect(pushed()).toEqual([]);
  await user.click(dialog.getByRole("checkbox"));
  await user.click(push);
  await user.click(push);
  await waitFor(() =>
    expect(pushed()).toEqual([
      {
        revision: 3,
        definitions: [
          { kind: "role", slug: "agent", seen: "a".repeat(64) },
          { kind: "trigger", slug: "old", seen: null },
        ],
        allowDeletions: true,
      },
    ]),
  );
});

test("production is typed before it is changed", async () => {
  project = { ...PROJECT, environment: "production", changes: [ROLE] };
  const user = draw();
  await user.click(await screen.findByRole("button", { name: "Push 1 to production" }));
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByText("Role agent can now delete ticket.");
  const push = dialog.getByRole("button", { name: "Push to production" });
  await user.click(push);
  expect(pushed()).toEqual([]);
  await user.type(dialog.getByLabelText("Type production to confirm"), "production");
  await user.click(push);
  await waitFor(() => expect(pushed()).toMatchObject([{ confirm: "production" }]));
});

test("a push that is refused says why, and stays open", async () => {
  answer = () =>
    Response.json(
      { code: "project_moved", detail: "The project has changed since revision 3." },
      { status: 409 },
    );
  project = { ...PROJECT, changes: [ROLE] };
  const user = draw();
  await user.click(await screen.findByRole("button", { name: "Push 1 to development" }));
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByText("Role agent can now delete ticket.");
  await user.click(dialog.getByRole("button", { name: "Push to development" }));
  expect(await dialog.findByText(/has changed since revision 3/)).toBeTruthy();
});

test("where others were there first nothing is pushed, and all three sides are shown", async () => {
  project = { ...PROJECT, revision: 4, changes: [{ ...ROLE, moved: true }] };
  const user = draw();
  const push = await screen.findByRole("button", { name: "Push 1 to development" });
  expect(push.getAttribute("aria-disabled")).toBe("true");
  await user.click(screen.getByRole("button", { name: /agent.*role/ }));
  const three = within(await screen.findByLabelText("Changed on both sides"));
  for (const text of ["read only", "read and delete", "nothing at all", "conflict"])
    expect(three.getByText(text)).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Compare with revision 4" }));
  await waitFor(() => expect(sent("/project/compare")).toEqual([{ revision: 4 }]));
});

test("what others have changed elsewhere comes into the workspace with one press", async () => {
  project = { ...PROJECT, revision: 4, changes: [ROLE] };
  const user = draw();
  await user.click(await screen.findByRole("button", { name: "Update the workspace" }));
  await waitFor(() => expect(sent("/project/update")).toHaveLength(1));
});

test("changes go back to the agent with problems and words, or are discarded after a question", async () => {
  const user = draw();
  await user.click(await screen.findByRole("checkbox", { name: "Choose agent refunds" }));
  await user.click(screen.getByRole("button", { name: "Send back to the agent" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByLabelText("What should change?"), "Keep it read only.");
  await user.click(dialog.getByRole("button", { name: "Send" }));
  await waitFor(() =>
    expect(sent("/project/hand-over")).toEqual([
      { definitions: [{ kind: "role", slug: "agent" }], faults: true, message: "Keep it read only." },
    ]),
  );
  await user.click(await screen.findByRole("button", { name: "Discard 1" }));
  await user.click(await screen.findByRole("button", { name: "Discard" }));
  await waitFor(() =>
    expect(sent("/project/discard")).toEqual([{ definitions: [{ kind: "role", slug: "agent" }] }]),
  );
});

test("the last push is taken back with one press", async () => {
  project = { ...PROJECT, changes: [], faults: [], effects: [], pushed: 3 };
  const user = draw();
  expect(await screen.findByText("Pushed to development as revision 3")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Take back" }));
  await waitFor(() => expect(sent("/project/take-back")).toEqual([{ revision: 3 }]));
});
