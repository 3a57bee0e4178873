// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ReferringRow } from "#client/project.ts";
import { DefinitionEditor } from "#components/project/definition-editor.tsx";
import { GraphScreen } from "#components/project/graph-screen.tsx";
import type { ProjectKind } from "#domain/project/kinds.ts";
import { draw } from "./render.tsx";

const said = vi.hoisted(() => ({
  faults: { slug: "", faults: [] as { path: string; message: string }[] },
  rows: [] as ReferringRow[],
}));

vi.mock(import("#client/project.ts"), async (original) => ({
  ...(await original()),
  useFaults: () => said.faults,
  useProjectNames: () => ({ revision: 3, definitions: [] }),
  useEntityTypes: () => [],
  useReferences: () => ({
    rows: said.rows,
    loading: false,
    live: true,
    more: "none" as const,
    loadMore: () => undefined,
  }),
}));
/** Text as text: what CodeMirror draws needs a browser. */
vi.mock(import("#components/workspace/editor.tsx"), () => ({
  Editor: ({ path, text, readOnly, onChange, onSave }) => (
    <textarea
      aria-label={path}
      value={text}
      readOnly={readOnly}
      onChange={({ target }) => onChange(target.value)}
      onKeyDown={({ key }) => key === "F2" && onSave()}
    />
  ),
}));

let sent: { definition: string }[];
beforeEach(() => {
  sent = [];
  vi.stubGlobal("fetch", async (_url: string, { body }: { body: string }) => {
    sent.push(JSON.parse(body) as { definition: string });
    return await Promise.resolve(Response.json({ revision: 4, created: [], updated: [], deleted: [] }));
  });
});
afterEach(() => vi.unstubAllGlobals());

const edit = (
  kind: ProjectKind,
  value: { slug?: string; path?: string; text?: string },
  environment: "development" | "production" = "development",
) =>
  draw(
    <DefinitionEditor
      environment={environment}
      kind={kind}
      slug={value.slug ?? value.path ?? ""}
      live={{ definition: JSON.stringify(value), revision: 3, number: 1 }}
      readOnly={false}
      onSaved={() => undefined}
    />,
  );
const save = () => screen.getByRole("button", { name: "Save to development" });
const isOff = (button: HTMLElement) => button.getAttribute("aria-disabled") === "true";

const AGENT = { name: "Support", slug: "support", version: "1", systemPrompt: "Help." };

describe("a definition as code", () => {
  test("is the file that is pulled, and what is typed there is in the form", async () => {
    const user = edit("agent", AGENT);
    await user.click(screen.getByRole("button", { name: "Code" }));
    const code = await screen.findByLabelText<HTMLTextAreaElement>("agents/support.ts");
    expect(code.value).toBe(
      'import { defineAgent } from "struere";\n\nexport default defineAgent({\n  name: "Support",\n  slug: "support",\n  version: "1",\n  systemPrompt: "Help.",\n});\n',
    );
    expect(isOff(save())).toBe(true);
    await user.clear(code);
    await user.paste(
      'export default defineAgent({ name: "Support", slug: "support", version: "2", systemPrompt: `Two\nlines` });',
    );
    await waitFor(() => expect(isOff(save())).toBe(false));
    await user.click(screen.getByRole("button", { name: "Form" }));
    expect(screen.getByLabelText<HTMLInputElement>("Version").value).toBe("2");
    expect(screen.getByLabelText<HTMLTextAreaElement>("Instructions").value).toBe("Two\nlines");
    await user.click(save());
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(JSON.parse(sent[0]!.definition)).toEqual({ ...AGENT, version: "2", systemPrompt: "Two\nlines" });
  });

  test("that isn't plain values is refused with its place, and not saved", async () => {
    const user = edit("agent", AGENT);
    await user.click(screen.getByRole("button", { name: "Code" }));
    const code = await screen.findByLabelText("agents/support.ts");
    await user.clear(code);
    await user.paste("export default defineAgent({\n  name: process.exit(),\n});");
    expect(await screen.findByText(/^Line 2, column 9: Only plain values/)).toBeTruthy();
    expect(isOff(save())).toBe(true);
    await user.click(save());
    await user.type(code, "{F2}");
    expect(sent).toEqual([]);
    // The form still has what was there.
    await user.click(screen.getByRole("button", { name: "Form" }));
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("Support");
  });

  test("is not saved to production by a key alone", async () => {
    const user = edit("file", { path: "tools/index.ts", text: "a" }, "production");
    const text = await screen.findByLabelText("tools/index.ts");
    await user.type(text, "b{F2}");
    await screen.findByRole("alertdialog");
    expect(sent).toEqual([]);
  });
});

describe("an entity type's fields", () => {
  test("and its JSON Schema show what was changed in the other", async () => {
    const type = {
      name: "Ticket",
      slug: "ticket",
      schema: { type: "object", properties: { a: { type: "string" } } },
    };
    const user = edit("entityType", type);
    await user.click(screen.getByRole("button", { name: "JSON Schema" }));
    const text = await screen.findByLabelText<HTMLTextAreaElement>("schema.json");
    await user.clear(text);
    expect(isOff(save())).toBe(true);
    await user.paste('{"type":"object","properties":{"b":{"type":"number","minimum":3}}}');
    await user.click(screen.getByRole("button", { name: "Fields" }));
    await user.type(screen.getByDisplayValue("b"), "x");
    await user.click(screen.getByRole("button", { name: "JSON Schema" }));
    const after = await screen.findByLabelText<HTMLTextAreaElement>("schema.json");
    expect(JSON.parse(after.value)).toEqual({
      type: "object",
      properties: { bx: { type: "number", minimum: 3 } },
    });
  });
});

describe("the graph", () => {
  const to = (kind: ProjectKind, slug: string, missing: "definition" | null = null) => ({
    kind,
    slug,
    path: "on.entityType",
    field: null,
    missing,
  });
  beforeEach(() => {
    said.rows = [
      { kind: "entityType", slug: "ticket", references: [] },
      { kind: "trigger", slug: "opened", references: [to("entityType", "ticket")] },
      { kind: "role", slug: "clerk", references: [to("agent", "nobody", "definition")] },
    ];
  });

  test("stands as a list, too, which says what isn't there", async () => {
    const user = draw(<GraphScreen environment="development" />);
    expect(screen.getByText("1 reference leads nowhere")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "List" }));
    const lines = within(screen.getByRole("table")).getAllByRole("row").slice(1);
    expect(lines.map(({ textContent }) => textContent)).toEqual([
      "trigger openedentity type ticketon.entityTypethere",
      "role clerkagent nobodyon.entityTypeisn't there",
    ]);
    expect(screen.queryByRole("link", { name: "nobody" })).toBeNull();
    expect(screen.getByRole("link", { name: "ticket" }).getAttribute("href")).toBe(
      "/project/development/entity-types/ticket",
    );
  });

  test("is drawn, each definition a link that arrow keys lead from", async () => {
    // Only what is in sight is drawn, and here nothing has a size of its own.
    const size = vi.spyOn(HTMLElement.prototype, "offsetWidth", "get").mockReturnValue(1_200);
    const height = vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(600);
    const user = draw(<GraphScreen environment="development" />);
    const opened = await screen.findByRole("link", { name: /opened/ });
    opened.focus();
    await user.keyboard("{ArrowRight}");
    await waitFor(() => expect(document.activeElement?.textContent).toContain("ticket"));
    await user.keyboard("{ArrowLeft}");
    await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("link", { name: /opened/ })));
    size.mockRestore();
    height.mockRestore();
  });
});
