import { Fragment } from "react";
import { splitMentions } from "#domain/mentions.ts";
import { cn } from "../ui/cn.ts";

/** A person's message, with each skill that it names as a chip that says what became of it. */
export function MentionedText({
  text,
  skills = {},
}: {
  text: string;
  /** By mention: whether the skill went to the agent; nothing of one that is not sent yet, or of the time before skills. */
  skills?: Readonly<Record<string, boolean>> | undefined;
}) {
  return splitMentions(text).map((part, index) =>
    typeof part === "string" ? (
      // oxlint-disable-next-line react/no-array-index-key -- the parts of a text that does not change
      <Fragment key={index}>{part}</Fragment>
    ) : (
      // oxlint-disable-next-line react/no-array-index-key -- the same
      <SkillChip key={index} name={part.name} mention={part.text} used={skills[part.text]} />
    ),
  );
}

function SkillChip({ name, mention, used }: { name: string; mention: string; used: boolean | undefined }) {
  const failed = used === false;
  return (
    <span
      className={cn(
        "inline-flex max-w-full items-center rounded-xs border px-1 font-mono text-[0.9em] wrap-anywhere",
        failed
          ? "border-warning/40 bg-warning-soft text-warning"
          : "border-line-strong bg-accent-soft text-accent",
      )}
      title={mention}
    >
      <span className="sr-only">{failed ? "Skill, not used: " : "Skill: "}</span>
      <span aria-hidden>$</span>
      {name}
    </span>
  );
}
