import { DELETED_PERSON } from "./members.ts";

/** Stands in a stored event where its person's name is shown; only in the fields below. */
export const PERSON = "{person}";

/** The field of a payload that names the event's person, or has their name in a sentence. */
const PERSON_FIELDS: Readonly<Record<string, string>> = {
  "message.user": "user_name",
  "session.payer_changed": "changed_by",
  "session.auto_approve": "changed_by",
  "session.renamed": "changed_by",
  "session.ended": "reason",
  "session.resumed": "resumed_by",
  "session.branched": "branched_by",
  "session.rewound": "rewound_by",
  "tool.approved": "approved_by",
  "tool.denied": "denied_by",
  "approval.decided": "decided_by",
  "question.answered": "answered_by",
  "file.changed": "changed_by",
  "skill.roots_changed": "changed_by",
  "process.ended": "ended_by",
  "command.started": "run_by",
  "git.changed": "changed_by",
  "git.green": "changed_by",
  "project.pushed": "changed_by",
  "project.taken_back": "changed_by",
  "budget.changed": "changed_by",
  "run.cancelled": "message",
};

function rewritten(type: string, payload: string, change: (text: string) => string): string | null {
  const field = PERSON_FIELDS[type];
  if (field === undefined) return null;
  const parsed = JSON.parse(payload) as Record<string, unknown>;
  const before = parsed[field];
  if (typeof before !== "string") return null;
  const after = change(before);
  return after === before ? null : JSON.stringify({ ...parsed, [field]: after });
}

/**
 * A stored payload as it is shown, with the person's present name.
 * @param payload JSON text
 */
export function withName(type: string, payload: string, name: string): string {
  if (!payload.includes(PERSON)) return payload;
  return rewritten(type, payload, (text) => text.replace(PERSON, () => name)) ?? payload;
}

/**
 * A payload of before names were looked up, without the name of someone who is gone.
 * @param payload JSON text
 * @returns null where nothing of it names them
 */
export function withoutName(type: string, payload: string, name: string): string | null {
  if (name === "" || !payload.includes(JSON.stringify(name).slice(1, -1))) return null;
  return rewritten(type, payload, (text) =>
    text === name || text.startsWith(`${name} `) || text.startsWith(`${name}, `)
      ? DELETED_PERSON + text.slice(name.length)
      : text,
  );
}
