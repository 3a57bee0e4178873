"use client";

import { useState } from "react";
import { useForm } from "#client/form.ts";
import { type SkillRow, type WholeSkill, useSkill } from "#client/live-skills.ts";
import { createSkill, updateSkill } from "#client/skills.ts";
import { faultOf, LIMITS, utf8Bytes } from "#domain/limits.ts";
import {
  DEFAULT_SKILL_ROOT,
  EXAMPLE_SKILLS,
  isRequirable,
  MAX_SKILL_BYTES,
  skillMarkdown,
  skillRootFault,
  WORKSPACE_FOLDER,
} from "#domain/skills.ts";
import { Markdown } from "../session/markdown.tsx";
import { Button } from "../ui/button.tsx";
import { Field, TextField } from "../ui/field.tsx";
import { FormCard } from "../ui/form-card.tsx";
import { Segments } from "../ui/segments.tsx";

interface Fields {
  name: string;
  title: string;
  description: string;
  root: string;
  /** With commas or spaces between. */
  env_vars: string;
  body_markdown: string;
}

const EMPTY: Fields = {
  name: "",
  title: "",
  description: "",
  root: DEFAULT_SKILL_ROOT,
  env_vars: "",
  body_markdown: "",
};

const fieldsOf = (skill: WholeSkill | undefined): Fields =>
  skill
    ? {
        name: skill.name,
        title: skill.title,
        description: skill.description,
        root: skill.root,
        env_vars: skill.envVars.join(", "),
        body_markdown: skill.body,
      }
    : EMPTY;

const namesIn = (text: string) => text.split(/[\s,]+/).filter((name) => name !== "");
const sentence = (fault: string | null) =>
  fault?.replace(/^[^:]+: (.)/, (_, first: string) => first.toUpperCase());

/** What is wrong with a skill, by field. */
export function skillProblems(fields: Fields): Partial<Record<keyof Fields, string>> {
  const { name, title, description, root, env_vars, body_markdown } = fields;
  const variables = namesIn(env_vars);
  const reserved = variables.find((variable) => !isRequirable(variable));
  const rootFault = skillRootFault(root.trim());
  const whole = { name, title, description, envVars: variables, body: body_markdown, extra: "{}" };
  const found = {
    name: name === "" ? "Enter a name." : sentence(faultOf(LIMITS.skillName, name, "name")),
    title: sentence(faultOf(LIMITS.skillTitle, title, "title")),
    description:
      description.trim() === ""
        ? "Say when to use it."
        : sentence(faultOf(LIMITS.skillDescription, description, "description")),
    root: rootFault === null ? undefined : `It ${rootFault}.`,
    env_vars:
      reserved === undefined
        ? sentence(faultOf(LIMITS.skillVariables, variables, "variables"))
        : `${reserved} is set in every sandbox. Leave it out.`,
    body_markdown:
      body_markdown.trim() === ""
        ? "Write the instructions."
        : utf8Bytes(skillMarkdown(whole)) > MAX_SKILL_BYTES
          ? `The whole file can have ${MAX_SKILL_BYTES / 1024} KiB. Make it shorter.`
          : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, fault]) => fault));
}

/** Adds a skill, or changes one, once its text is there. */
export function SkillForm({ editing, onDone }: { editing: SkillRow | undefined; onDone: () => void }) {
  return editing ? (
    <Loaded skillId={editing.id} onDone={onDone} />
  ) : (
    <Editor editing={undefined} onDone={onDone} />
  );
}

function Loaded({ skillId, onDone }: { skillId: string; onDone: () => void }) {
  const skill = useSkill(skillId);
  // What is edited is what was there when the form opened: someone else's later change is refused, not hidden.
  const [first, setFirst] = useState<WholeSkill>();
  if (skill && !first) setFirst(skill);
  return first ? (
    <Editor editing={first} onDone={onDone} />
  ) : (
    <p className="text-ink-3">Loading the skill …</p>
  );
}

function Editor({ editing, onDone }: { editing: WholeSkill | undefined; onDone: () => void }) {
  const [isPreview, setIsPreview] = useState(false);
  const form = useForm<Fields>({
    initial: fieldsOf(editing),
    check: skillProblems,
    send: async ({ root, env_vars, ...texts }, set) => {
      const body = { ...texts, dependencies: { env_vars: namesIn(env_vars) } };
      await (editing
        ? updateSkill(editing.id, { ...body, expected_revision: editing.revision })
        : createSkill({ ...body, root: `${WORKSPACE_FOLDER}/${root.trim()}` }));
      set(EMPTY);
      setIsPreview(false);
      onDone();
    },
    failed: "Couldn't save the skill",
  });
  const { values, problems } = form;
  const now = skillProblems(values);
  /** What is wrong with what has been typed; an empty field is told of when the form is sent. */
  const problemOf = (name: keyof Fields) => (values[name] === "" ? problems[name] : (now[name] ?? undefined));
  const field = (name: Exclude<keyof Fields, "body_markdown">) => ({
    ...form.field(name),
    problem: problemOf(name),
    autoComplete: "off",
  });
  return (
    <FormCard
      title={editing ? `Change ${editing.name}` : "New skill"}
      form={form}
      submit={{ label: editing ? "Save skill" : "Add skill", busy: "Saving" }}
      {...(editing && { onCancel: onDone, focus: true })}
      note="Messages that are sent from then on bring the new text."
    >
      {!editing && (
        <div className="flex flex-wrap items-center gap-2">
          <span className="text-small text-ink-3">Start from an example:</span>
          {EXAMPLE_SKILLS.map((example) => (
            <Button
              key={example.name}
              size="sm"
              onClick={() =>
                form.set({
                  name: example.name,
                  title: example.title,
                  description: example.description,
                  env_vars: "",
                  body_markdown: example.body,
                })
              }
            >
              {example.title}
            </Button>
          ))}
        </div>
      )}
      <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
        <Field
          label="Name"
          {...field("name")}
          maxLength={LIMITS.skillName.max}
          spellCheck={false}
          hint="Its folder's name, and what messages say."
        />
        <Field
          label="Title"
          {...field("title")}
          maxLength={LIMITS.skillTitle.max}
          hint="For people. Optional."
        />
      </div>
      <Field
        label="Description"
        {...field("description")}
        maxLength={LIMITS.skillDescription.max}
        hint="When to use it: by this the agent finds it."
      />
      <div className="grid grid-cols-2 items-start gap-4 max-md:grid-cols-1">
        <Field
          label="Required variables"
          {...field("env_vars")}
          spellCheck={false}
          hint="Names from Settings, Variables, with commas between. Optional."
        />
        <Field
          label="Folder"
          {...field("root")}
          disabled={editing !== undefined}
          maxLength={LIMITS.skillRoot.max}
          spellCheck={false}
          hint="In the workspace. Sessions look in the default one."
        />
      </div>
      <div className="grid gap-2">
        <Segments
          label="Instructions as"
          className="justify-self-start"
          value={isPreview}
          onChange={setIsPreview}
          items={[
            { value: false, name: "Write" },
            { value: true, name: "Preview" },
          ]}
        />
        {isPreview ? (
          <div className="min-h-40 rounded-sm border border-line p-3">
            {values.body_markdown.trim() === "" ? (
              <p className="text-ink-3">There's nothing to preview yet.</p>
            ) : (
              <Markdown text={values.body_markdown} done />
            )}
          </div>
        ) : (
          <TextField
            label="Instructions (Markdown)"
            name="body_markdown"
            rows={12}
            className="fact"
            value={values.body_markdown}
            onChange={(event) => form.set({ body_markdown: event.target.value })}
            problem={problemOf("body_markdown")}
          />
        )}
      </div>
    </FormCard>
  );
}
