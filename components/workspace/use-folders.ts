"use client";

import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { asApiError } from "#client/api.ts";
import { revisionOf } from "#client/changes.ts";
import { type FileEntry, readPath, unopenable } from "#client/files.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";

export interface Folder {
  entries: readonly FileEntry[];
  truncated: boolean;
}

const aboveOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

/** True where the tree has a row for this file, by which it opens. */
export function isListed(
  path: string,
  folders: ReadonlyMap<string, Folder>,
  open: ReadonlySet<string>,
): boolean {
  const above = aboveOf(path);
  const wanted = path.slice(path.lastIndexOf("/") + 1);
  const entry = folders.get(above)?.entries.find(({ name }) => name === wanted);
  if (!entry || entry.kind === "folder" || unopenable(entry) !== undefined) return false;
  const parts = above === "" ? [] : above.split("/");
  return parts.every((_, index) => open.has(parts.slice(0, index + 1).join("/")));
}

const SETTLE_MS = 300;

/**
 * The folders of the workspace, each read when it is opened, and again when the agent may have changed something.
 * @param selected the file that is open, whose folder is read too
 */
export function useFolders(selected: string | null) {
  const { session } = useOpened();
  const queries = useQueryClient();
  const revision = revisionOf(useSessionState().view);
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set([""]));
  const paths = [...new Set(selected === null ? open : [...open, aboveOf(selected)])];
  const reads = useQueries({
    queries: paths.map((path) => ({
      queryKey: ["folder", session.id, path],
      queryFn: async () => {
        const answer = await readPath(session.id, path);
        return answer.kind === "folder" ? answer : null;
      },
    })),
  });
  const folders = new Map(
    paths.flatMap((path, index) => {
      const folder = reads[index]?.data;
      return folder ? [[path, folder] as const] : [];
    }),
  );
  const root = reads[paths.indexOf("")];
  const reload = () => void queries.invalidateQueries({ queryKey: ["folder", session.id] });
  const readAt = useRef(revision);
  const readAgain = useEffectEvent(() => {
    readAt.current = revision;
    reload();
  });
  useEffect(() => {
    if (readAt.current === revision) return;
    const timer = setTimeout(() => readAgain(), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [revision]);
  const toggle = (path: string) =>
    setOpen((known) => {
      const next = new Set(known);
      if (!next.delete(path)) next.add(path);
      return next;
    });
  /** Opens the folders that a path stands in, and reads them again. */
  const reveal = (path: string) => {
    const parts = path.split("/").slice(0, -1);
    setOpen((known) => new Set([...known, "", ...parts.map((_, at) => parts.slice(0, at + 1).join("/"))]));
    reload();
  };
  return {
    folders,
    // A folder that has gone meanwhile is shut.
    open: new Set(paths.filter((path, index) => open.has(path) && !reads[index]?.isError)),
    root: {
      data: root?.data,
      problem: root?.error ? asApiError(root.error) : undefined,
      loading: root?.isFetching ?? false,
      retry: reload,
    },
    /** What its folder says of a file: undefined while that is being read, null where it says nothing. */
    entryOf: (path: string): FileEntry | null | undefined => {
      const above = aboveOf(path);
      if (reads[paths.indexOf(above)]?.isPending) return undefined;
      const wanted = path.slice(path.lastIndexOf("/") + 1);
      return folders.get(above)?.entries.find(({ name }) => name === wanted) ?? null;
    },
    toggle,
    reload,
    reveal,
  };
}
