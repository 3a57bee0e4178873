"use client";

import { useEffect, useEffectEvent } from "react";
import { useAction } from "#client/action.ts";
import { fetchArtifact } from "#client/api.ts";
import { useFormat } from "#client/locale.tsx";
import { Button } from "../ui/button.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { useOpened } from "./session-context.tsx";

const WHOLE = { change: "Show full change", output: "Show full output" };

/**
 * Loads a text of which the page has the beginning. It says how long that is, and what went wrong.
 * @param onText gets the whole of it
 */
export function WholeText({
  artifactId,
  chars,
  what,
  auto = false,
  onText,
}: {
  artifactId: string;
  chars: number | undefined;
  what: keyof typeof WHOLE;
  /** Loads it by itself. */
  auto?: boolean;
  onText: (text: string) => void;
}) {
  const f = useFormat();
  const { session } = useOpened();
  // An export has the beginnings alone.
  const isElsewhere = session.importedAt !== null;
  const load = useAction(
    async () => onText(await fetchArtifact(session.id, artifactId)),
    "Couldn't load the rest",
  );
  const start = useEffectEvent(() => load.run());
  useEffect(() => {
    if (auto && !isElsewhere) start();
  }, [auto, isElsewhere]);
  if (load.done) return null;
  if (isElsewhere)
    return <p className="px-3 py-2 text-small text-ink-2">Only the beginning is in the export.</p>;
  return (
    <div className="flex flex-wrap items-center gap-2 px-3 py-2 text-small text-ink-2">
      Only the beginning is shown.
      <Button size="sm" off={load.pending} onClick={load.run}>
        {load.pending ? "Loading" : WHOLE[what]}
        {chars !== undefined && <span className="fact text-ink-3">{f.bytes(chars)}</span>}
      </Button>
      <ActionProblem failure={load.failure} brief />
    </div>
  );
}
