import { base, type Draft, type Of } from "./projection-draft.ts";
import { rewindsConversation, type RewindPart } from "./rewind.ts";
import { plural } from "./plural.ts";

/** Sets aside the turns that began after an event, and brings back those that an undone rewind had set aside. */
function setAside(draft: Draft, { seq, payload }: Of<"session.rewound">): void {
  const { to_seq: to, undoes_seq: undone } = payload;
  draft.runs = draft.runs.map(({ setAside: by, ...run }) => {
    const known = by === undone ? undefined : by;
    const goes = run.startedSeq !== undefined && run.startedSeq > to;
    const aside = known ?? (goes && (undone === undefined || by !== undone) ? seq : undefined);
    return aside === undefined ? run : { ...run, setAside: aside };
  });
  const aside = new Map(draft.runs.map((run) => [run.id, run.setAside]));
  draft.items = draft.items.map((item) => {
    const by = item.runId === undefined ? undefined : aside.get(item.runId);
    if (item.setAside === by) return item;
    const { setAside: _before, ...rest } = item;
    return by === undefined ? rest : { ...rest, setAside: by };
  });
}

const PARTS: Record<RewindPart, string> = {
  both: "The conversation and the files",
  conversation: "The conversation",
  files: "The files",
};

function filesSentence(files: Of<"session.rewound">["payload"]["files"], kept: readonly string[]): string {
  const changed = files ? files.added + files.changed + files.deleted : 0;
  return [
    ...(files ? [`${changed} ${plural(changed, "file", "files")} changed.`] : []),
    ...(kept.length > 0
      ? [`Left as they are, since somebody worked on them meanwhile: ${kept.join(", ")}.`]
      : []),
  ].join(" ");
}

/** The session went back: what came after is set aside, where the conversation did. */
export function rewound(draft: Draft, event: Of<"session.rewound">): void {
  const { what, run_id: runId, rewound_by: who, undoes_seq: undone, files, kept = [] } = event.payload;
  if (rewindsConversation(what)) {
    setAside(draft, event);
    draft.plan = [];
  }
  if (undone === undefined) draft.undoable = { seq: event.seq, what };
  else delete draft.undoable;
  const turn = draft.runs.findIndex(({ id }) => id === runId) + 1;
  const place = turn > 0 ? `as they were after turn ${turn}` : "as they were at the beginning";
  draft.items.push({
    ...base(event, `rewound:${event.seq}`),
    kind: "notice",
    tone: "info",
    title: undone === undefined ? `${who} rewound the session` : `${who} undid the rewind`,
    text: `${PARTS[what]} ${what === "conversation" ? "is" : "are"} ${what === "conversation" ? place.replace("they were", "it was") : place}. ${filesSentence(files, kept)}`.trim(),
  });
}

/** The session did not go back. */
export function rewindFailed(draft: Draft, event: Of<"session.rewind_failed">): void {
  const { error, paths = [] } = event.payload;
  draft.items.push({
    ...base(event, `unrewound:${event.seq}`),
    kind: "notice",
    tone: "warning",
    title: "The session wasn't rewound",
    text: [error, ...(paths.length > 0 ? [`In the way: ${paths.join(", ")}.`] : [])].join(" "),
  });
}
