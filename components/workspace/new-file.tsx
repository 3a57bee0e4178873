"use client";

import { FilePlus } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { saveFile } from "../../lib/client/files.ts";
import { ProblemNotice } from "../common/problem-notice.tsx";

/** Makes an empty file in the workspace; one that is there already is left as it is. */
export function NewFile({ sessionId, onMade }: { sessionId: string; onMade: (path: string) => void }) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const [path, setPath] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError>();
  const make = async (event: FormEvent) => {
    event.preventDefault();
    if (busy || path.trim() === "") return;
    setBusy(true);
    setProblem(undefined);
    try {
      const made = await saveFile(sessionId, { path: path.trim(), content: "", expectedHash: null });
      setOpen(false);
      setPath("");
      onMade(made.path);
    } catch (error) {
      setProblem(asApiError(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button
        type="button"
        className="btn btn-quiet btn-sm btn-icon ml-auto"
        aria-label="New file"
        title="New file"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <FilePlus className="i i-sm" aria-hidden="true" />
      </button>
      {open && (
        <form className="order-last grid basis-full gap-2 pb-1" onSubmit={(event) => void make(event)}>
          <div className="flex gap-1">
            <label className="sr" htmlFor={id}>
              Path of the new file
            </label>
            <input
              id={id}
              className="input fact"
              placeholder="agents/new.ts"
              maxLength={1000}
              value={path}
              onChange={(event) => setPath(event.target.value)}
            />
            <button type="submit" className="btn btn-sm my-auto" aria-disabled={busy || path.trim() === ""}>
              Create
            </button>
          </div>
          {problem && <ProblemNotice title="Couldn't create the file" error={problem} />}
        </form>
      )}
    </>
  );
}
