// @vitest-environment happy-dom
import { screen, waitFor, within } from "@testing-library/react";
import { useState } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { DefinitionText } from "#client/project.ts";
import { DefinitionEditor } from "#components/project/definition-editor.tsx";
import { JsonPart } from "#components/project/parts.tsx";
import { SchemaRows } from "#components/project/schema-rows.tsx";
import { Confirm } from "#components/ui/dialog.tsx";
import { checkText } from "#domain/project/check.ts";
import type { ProjectKind } from "#domain/project/kinds.ts";
import { draw } from "./render.tsx";

/** What Convex says of a text, the same object each time, as its hooks return it. */
const checks = vi.hoisted(
  () => new Map<string, { slug: string; faults: { path: string; message: string }[] }>(),
);

/** What the live queries say: the check is the one that Convex makes. */
vi.mock(import("#client/project.ts"), async (original) => ({
  ...(await original()),
  useFaults: (kind: ProjectKind, text: string) => {
    const read = checkText(kind, text);
    const found = checks.get(text) ?? { slug: read.name.slug, faults: read.ok ? [] : read.faults };
    checks.set(text, found);
    return found;
  },
  useProjectNames: () => ({
    revision: 3,
    definitions: [
      { kind: "entityType" as const, slug: "ticket", sha256: "1", bytes: 1, number: 1 },
      { kind: "agent" as const, slug: "support", sha256: "1", bytes: 1, number: 1 },
    ],
  }),
  useEntityTypes: () => [
    {
      slug: "ticket",
      definition: JSON.stringify({
        name: "Ticket",
        slug: "ticket",
        schema: {
          type: "object",
          properties: { subject: { type: "string" }, owner: { type: "string" }, secret: { type: "string" } },
        },
      }),
    },
  ],
}));

const CLERK = {
  name: "clerk",
  policies: [{ resource: "ticket", actions: ["read"], effect: "allow" }],
};
const live = (value: object | null, revision = 3): DefinitionText => ({
  definition: value && JSON.stringify(value),
  revision,
  number: 1,
});

let sent: { url: string; body: { definition: string | null; base_revision: number } }[];
let answer: () => Response;
beforeEach(() => {
  sent = [];
  answer = () => Response.json({ revision: 4, created: [], updated: [], deleted: [] });
  vi.stubGlobal("fetch", async (url: string, { body }: { body: string }) => {
    sent.push({ url, body: JSON.parse(body) as (typeof sent)[number]["body"] });
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());

/** The editor over what is stored, which somebody else can change. */
function edit(
  kind: ProjectKind,
  value: object | null,
  {
    environment = "development",
    readOnly = false,
    slug = "clerk",
  }: { environment?: "development" | "production"; readOnly?: boolean; slug?: string } = {},
) {
  let put: (next: DefinitionText) => void = () => undefined;
  function Stored() {
    const [stored, setStored] = useState<DefinitionText | null>(value && live(value));
    put = setStored;
    return (
      <DefinitionEditor
        environment={environment}
        kind={kind}
        slug={value ? slug : null}
        live={stored}
        readOnly={readOnly}
        onSaved={() => undefined}
      />
    );
  }
  const user = draw(<Stored />);
  return { user, put: (next: DefinitionText) => put(next) };
}

describe("a role", () => {
  test("is changed in its matrix, answers what it may do, and is saved against what was seen", async () => {
    const { user } = edit("role", CLERK);
    const question = within(screen.getByRole("region", { name: "What may this role do?" }));
    expect(question.getByRole("status").textContent).toContain("Yes, allowed by line 1");
    expect(question.getByRole("status").textContent).toContain("allow read on ticket");
    await user.click(screen.getByRole("button", { name: /read ticket: allowed by line 1/ }));
    expect(question.getByRole("status").textContent).toContain("No, denied by line 1");
    await user.click(screen.getByRole("button", { name: /update ticket: denied: no line allows it/ }));
    await user.click(screen.getByRole("button", { name: "Save to development" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]!.body.base_revision).toBe(3);
    expect(JSON.parse(sent[0]!.body.definition!)).toEqual({
      name: "clerk",
      policies: [
        { resource: "ticket", actions: ["read"], effect: "deny" },
        { resource: "ticket", actions: ["update"], effect: "allow" },
      ],
    });
  });

  test("says which rule keeps a record away, and what is kept from them", async () => {
    const { user } = edit("role", {
      ...CLERK,
      scopeRules: [{ entityType: "ticket", field: "data.owner", operator: "eq", value: "actor.userId" }],
      fieldMasks: [{ entityType: "ticket", fieldPath: "secret", maskType: "hide" }],
    });
    const question = within(screen.getByRole("region", { name: "What may this role do?" }));
    expect(question.getByRole("status").textContent).toContain("Record rule 1 isn't met");
    const record = question.getByLabelText("The record's data (JSON)");
    await user.clear(record);
    await user.type(record, '{{"owner":"user-1","secret":"s"}');
    expect(question.getByRole("status").textContent).toContain('They see: {"owner":"user-1"}');
  });

  test("can't be saved while something is wrong, and says where", async () => {
    const { user } = edit("role", CLERK);
    await user.click(screen.getByRole("button", { name: "Remove line 1" }));
    await screen.findByText("policies");
    const save = screen.getByRole("button", { name: "Save to development" });
    expect(save.getAttribute("aria-disabled")).toBe("true");
    await user.click(save);
    expect(sent).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Discard changes" }));
    expect(screen.queryByText("policies")).toBeNull();
  });

  test("that somebody else changed meanwhile is compared and combined, and not overwritten", async () => {
    const { user, put } = edit("role", CLERK);
    await user.type(screen.getByLabelText("Description"), "Ours");
    put(live({ ...CLERK, name: "clerk", agentAccess: ["support"] }, 5));
    await screen.findByText("Somebody changed it while you edited it");
    const save = screen.getByRole("button", { name: "Save to development" });
    expect(save.getAttribute("aria-disabled")).toBe("true");
    expect(screen.getByRole("row", { name: /agentAccess/ }).textContent).toContain('["support"]');
    await user.click(screen.getByRole("button", { name: "Combine both, mine first" }));
    await user.click(save);
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]!.body.base_revision).toBe(5);
    expect(JSON.parse(sent[0]!.body.definition!)).toMatchObject({
      description: "Ours",
      agentAccess: ["support"],
    });
  });

  test("follows what is stored while nothing of it is changed here", async () => {
    const { put } = edit("role", CLERK);
    put(live({ ...CLERK, description: "Theirs" }, 4));
    await waitFor(() => expect(screen.getByLabelText<HTMLInputElement>("Description").value).toBe("Theirs"));
    expect(screen.queryByText("Somebody changed it while you edited it")).toBeNull();
  });

  test("that somebody deleted while it was edited is kept here, and can be there again", async () => {
    const { user, put } = edit("role", CLERK);
    await user.type(screen.getByLabelText("Description"), "Ours");
    put(live(null, 6));
    await user.click(await screen.findByRole("button", { name: "Keep mine, and add it again" }));
    await user.click(screen.getByRole("button", { name: "Save to development" }));
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]!.body).toMatchObject({ base_revision: 6 });
    expect(sent[0]!.body.definition).toContain("Ours");
  });

  test("of production asks for the word, by button and by key", async () => {
    const { user } = edit("role", CLERK, { environment: "production" });
    await user.type(screen.getByLabelText("Description"), "x");
    await user.click(screen.getByRole("button", { name: "Save to production" }));
    const question = within(await screen.findByRole("alertdialog"));
    await user.click(question.getByRole("button", { name: "Save to production" }));
    expect(sent).toEqual([]);
    await user.type(question.getByLabelText(/Type “production”/), "production{Enter}");
    await waitFor(() => expect(sent).toHaveLength(1));
  });

  test("can't be changed by those who may only look", () => {
    edit("role", CLERK, { readOnly: true });
    expect(screen.queryByRole("button", { name: /^Save/ })).toBeNull();
    expect(screen.queryByRole("button", { name: "Delete" })).toBeNull();
    expect(screen.queryByRole("button", { name: "Add line" })).toBeNull();
  });

  test("whose save was refused says why", async () => {
    answer = () =>
      Response.json(
        { code: "project_moved", detail: "Nothing was changed: role clerk changed after revision 3." },
        { status: 409 },
      );
    const { user } = edit("role", CLERK);
    await user.type(screen.getByLabelText("Description"), "x");
    await user.click(screen.getByRole("button", { name: "Save to development" }));
    expect((await screen.findByRole("alert")).textContent).toContain("changed after revision 3");
  });
});

describe("a trigger", () => {
  const OPENED = {
    name: "Opened",
    slug: "opened",
    on: { entityType: "ticket", action: "created", condition: { "data.subject": "urgent" } },
    schedule: { delay: 60_000 },
    retry: { maxAttempts: 3 },
    actions: [
      {
        tool: "entity.create",
        args: { title: "{{trigger.data.subject}}", no: "{{trigger.data.no}}" },
        as: "made",
      },
      { tool: "event.emit", args: { id: "{{steps.made.id}}" } },
    ],
  };

  test("is tried with a record: whether it fires, when, and with which arguments", async () => {
    const { user } = edit("trigger", OPENED, { slug: "opened" });
    const dry = within(screen.getByRole("region", { name: "Dry run" }));
    expect(dry.getByRole("status").textContent).toContain("It doesn't fire: a condition isn't met");
    expect(dry.getByRole("status").textContent).toContain('data.subject is "text", not "urgent"');
    const record = dry.getByLabelText("The record's data (JSON)");
    await user.clear(record);
    await user.type(record, '{{"subject":"urgent"}');
    expect(dry.getByRole("status").textContent).toContain("It fires for this record");
    expect(dry.getByRole("status").textContent).toContain("If it fails each time, it is tried again");
    const actions = dry.getByRole("list", { name: "Actions with their arguments" });
    expect(actions.textContent).toContain('{"title":"urgent","no":""}');
    expect(actions.textContent).toContain("Leads nowhere in this record: trigger.data.no");
    expect(actions.textContent).toContain("Known once it runs: steps.made.id");
  });
});

describe("the fields of an entity type", () => {
  function Schema({ onChange }: { onChange: (schema: object) => void }) {
    const [schema, setSchema] = useState<Record<string, unknown>>({
      type: "object",
      properties: { a: { type: "string", maxLength: 5 }, ab: { type: "number" } },
      required: ["a"],
      additionalProperties: false,
    });
    return (
      <SchemaRows
        schema={schema}
        onChange={(next) => {
          setSchema(next);
          onChange(next);
        }}
        readOnly={false}
        types={["ticket"]}
      />
    );
  }

  test("keep what is not shown, and lose nothing while two have one name", async () => {
    const onChange = vi.fn<(schema: object) => void>();
    const user = draw(<Schema onChange={onChange} />);
    const [first] = screen.getAllByLabelText("Name");
    // On its way to “abc” it is called “ab”, as the other one is.
    await user.type(first!, "b");
    expect(screen.getAllByText("There are two of this name.")).toHaveLength(2);
    expect(onChange).not.toHaveBeenCalled();
    await user.type(first!, "c");
    expect(onChange).toHaveBeenLastCalledWith({
      type: "object",
      properties: { abc: { type: "string", maxLength: 5 }, ab: { type: "number" } },
      required: ["abc"],
      additionalProperties: false,
    });
    await user.click(screen.getByRole("button", { name: "Add field" }));
    await user.click(screen.getByRole("button", { name: "Remove field ab" }));
    expect(onChange).toHaveBeenLastCalledWith(
      expect.objectContaining({
        properties: { abc: { type: "string", maxLength: 5 }, field: { type: "string" } },
      }),
    );
  });
});

test("JSON that can't be read is not taken over", async () => {
  const onChange = vi.fn<(value: unknown) => void>();
  const user = draw(<JsonPart label="Value" value={1} onChange={onChange} readOnly={false} />);
  await user.clear(screen.getByLabelText("Value"));
  await user.type(screen.getByLabelText("Value"), '"te');
  expect(screen.getByText(/isn't taken over yet/)).toBeTruthy();
  expect(onChange).not.toHaveBeenCalled();
  await user.type(screen.getByLabelText("Value"), 'xt"');
  expect(onChange).toHaveBeenLastCalledWith("text");
});

test("a question with a word is confirmed by that word alone", async () => {
  const onConfirm = vi.fn<() => void>();
  const user = draw(
    <Confirm
      open
      onClose={() => undefined}
      title="Sure?"
      confirm="Do it"
      cancel="Cancel"
      typed="production"
      onConfirm={onConfirm}
    >
      It counts.
    </Confirm>,
  );
  await user.click(screen.getByRole("button", { name: "Do it" }));
  await user.type(screen.getByRole("textbox"), "productio{Enter}");
  expect(onConfirm).not.toHaveBeenCalled();
  await user.type(screen.getByRole("textbox"), "n");
  await user.click(screen.getByRole("button", { name: "Do it" }));
  expect(onConfirm).toHaveBeenCalledTimes(1);
});
