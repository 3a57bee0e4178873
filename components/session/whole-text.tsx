"use client";

import { createContext, use, useState } from "react";
import { asApiError, fetchArtifact } from "../../lib/client/api.ts";
import { useFormat } from "../../lib/client/locale.tsx";

const WHOLE = { change: "Show full change", output: "Show full output" };

/** The session that a page shows, for what is loaded only when somebody wants to see it. */
export const SessionId = createContext<string | null>(null);

/**
 * Loads a text of which the page has the beginning. It says how long that is, and what went wrong.
 * @param onText gets the whole of it
 */
export function WholeText({
  artifactId,
  chars,
  what,
  onText,
}: {
  artifactId: string;
  chars: number | undefined;
  what: keyof typeof WHOLE;
  onText: (text: string) => void;
}) {
  const f = useFormat();
  const sessionId = use(SessionId);
  const [state, setState] = useState<"idle" | "loading" | "shown">("idle");
  const [problem, setProblem] = useState<string>();
  if (sessionId === null || state === "shown") return null;
  const load = async () => {
    if (state === "loading") return;
    setState("loading");
    setProblem(undefined);
    try {
      onText(await fetchArtifact(sessionId, artifactId));
      setState("shown");
    } catch (error) {
      setProblem(asApiError(error).message);
      setState("idle");
    }
  };
  return (
    <p className="flex flex-wrap items-center gap-2 px-3 py-2 text-small text-ink-2">
      Only the beginning is shown.
      <button
        type="button"
        className="btn btn-sm"
        aria-disabled={state === "loading"}
        onClick={() => void load()}
      >
        {state === "loading" ? "Loading" : WHOLE[what]}
        {chars !== undefined && <span className="fact faint">{f.bytes(chars)}</span>}
      </button>
      {problem && (
        <span role="alert" className="text-danger">
          {problem}
        </span>
      )}
    </p>
  );
}
