"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { type ApiError, asApiError } from "../../lib/client/api.ts";
import { type FileEntry, readPath } from "../../lib/client/files.ts";

export interface Folder {
  entries: readonly FileEntry[];
  truncated: boolean;
}

const SETTLE_MS = 300;

/** The folders of a workspace, each read when it is opened, and again when `revision` grows. */
export function useFolders(sessionId: string, revision: number) {
  const [folders, setFolders] = useState<ReadonlyMap<string, Folder>>(new Map());
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set([""]));
  const [problem, setProblem] = useState<ApiError>();
  /** The revision that was read last. */
  const [loadedRevision, setLoadedRevision] = useState<number>();
  const openNow = useRef(open);
  useEffect(() => {
    openNow.current = open;
  }, [open]);

  const load = useCallback(
    async (path: string) => {
      try {
        const answer = await readPath(sessionId, path);
        if (answer.kind !== "folder") return;
        setFolders((known) => new Map(known).set(path, answer));
        if (path === "") setProblem(undefined);
      } catch (error) {
        const refusal = asApiError(error);
        if (path === "") return setProblem(refusal);
        // It has gone meanwhile.
        setOpen((known) => new Set([...known].filter((one) => one !== path)));
      }
    },
    [sessionId],
  );
  const reload = useCallback(() => {
    for (const path of openNow.current) void load(path);
  }, [load]);

  useEffect(() => {
    if (loadedRevision === revision) return;
    const timer = setTimeout(
      () => {
        setLoadedRevision(revision);
        reload();
      },
      loadedRevision === undefined ? 0 : SETTLE_MS,
    );
    return () => clearTimeout(timer);
  }, [revision, loadedRevision, reload]);

  const toggle = (path: string) => {
    const was = open.has(path);
    setOpen((known) => {
      const next = new Set(known);
      if (was) next.delete(path);
      else next.add(path);
      return next;
    });
    if (!was) void load(path);
  };
  /** Opens the folders that a path stands in. */
  const reveal = (path: string) => {
    const parts = path.split("/").slice(0, -1);
    const above = ["", ...parts.map((_, index) => parts.slice(0, index + 1).join("/"))];
    setOpen((known) => new Set([...known, ...above]));
    for (const folder of above) void load(folder);
  };
  return { folders, open, problem, toggle, reload, reveal };
}
