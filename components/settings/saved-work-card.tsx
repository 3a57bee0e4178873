"use client";

import type { SavedWork } from "#client/saved.ts";
import { useFormat } from "#client/locale.tsx";
import { Card, CardHead } from "../ui/card.tsx";
import { Meter } from "../ui/meter.tsx";
import { Notice } from "../ui/notice.tsx";

/** From this share on the limit is said before it is reached. */
const SOON = 0.8;

/** How much room the organization's saved work takes, and what is not saved. */
export function SavedWorkCard({ work }: { work: SavedWork }) {
  const f = useFormat();
  const { used_bytes: used, limit_bytes: limit } = work;
  const words = `${f.bytes(used)} of ${f.bytes(limit)}`;
  return (
    <Card aria-labelledby="saved-work">
      <CardHead id="saved-work" title="Saved work">
        <span className="fact text-small">{words}</span>
      </CardHead>
      <div className="grid gap-3 p-4">
        <Meter label="Room for saved work" value={used} max={limit} valueText={words} className="w-full" />
        {used >= SOON * limit && (
          <Notice
            tone="warning"
            title={used >= limit ? "Nothing more is saved" : "Room for saved work is running out"}
          >
            <p>
              At {f.bytes(limit)} sessions can't be saved any longer. Delete logs sooner: saved work goes with
              them.
            </p>
          </Notice>
        )}
        <p className="text-small text-ink-2">
          After each turn and before each stop, a session's files and its agent's memory are saved. Left out
          are files over {f.bytes(work.max_file_bytes)}, the largest ones beyond{" "}
          {f.bytes(work.max_workspace_bytes)} or {f.thousands(work.max_files)} files in all, and what can be
          made again:
        </p>
        <ul className="flex flex-wrap gap-1.5" aria-label="Names that are never saved">
          {work.not_saved.map((name) => (
            <li key={name} className="mono rounded-xs border border-line px-1.5 text-small">
              {name}
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}
