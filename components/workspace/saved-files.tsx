"use client";

import { Download, Search } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { downloadPath } from "#client/files.ts";
import { archiveAddress, zipAddress } from "#client/git.ts";
import { saveAs } from "#client/leave.ts";
import { useResource } from "#client/resource.ts";
import { searchFiles } from "#client/saved.ts";
import { useOpenFile } from "#client/use-open-file.ts";
import { plural } from "#domain/plural.ts";
import { Ago } from "../common/ago.tsx";
import { useOpened } from "../session/session-context.tsx";
import { useResume } from "../session/use-resume.ts";
import { Button } from "../ui/button.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Input } from "../ui/field.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loaded, Loading, ReadProblem } from "../ui/loaded.tsx";
import { PaneBar } from "../ui/pane-bar.tsx";
import { ActionProblem } from "../ui/problem-notice.tsx";
import { FileTree } from "./file-tree.tsx";
import { FileView } from "./file-view.tsx";
import { Side, treeClass, treeRowClass } from "./side.tsx";
import { useFolders } from "./use-folders.ts";

const nothing = () => undefined;

/** The files of a session that has ended, as they were saved: to look at, to search and to download. */
export function SavedFiles({ savedAt }: { savedAt: number }) {
  const { session } = useOpened();
  const [selected, setSelected] = useOpenFile(session.id);
  const { folders, open, root, entryOf, toggle, reveal } = useFolders(selected);
  const [words, setWords] = useState("");
  const wanted = useDeferredValue(words.trim());
  const resume = useResume();
  return (
    <>
      <PaneBar>
        <span className="text-ink-2">
          Saved <Ago at={savedAt} />
        </span>
        <search className="flex min-w-40 flex-1 items-center gap-1.5">
          <Icon as={Search} size="sm" className="text-ink-3" />
          <Input
            type="search"
            aria-label="Search in the saved files"
            placeholder="Search in files"
            maxLength={200}
            value={words}
            onChange={(event) => setWords(event.target.value)}
          />
        </search>
        <a
          className={buttonClass({ size: "sm", look: "quiet" })}
          href={archiveAddress(session.id)}
          aria-label="Download the saved files"
          download
        >
          <Icon as={Download} size="sm" />
          Download
        </a>
        {resume && (
          <Button size="sm" action={resume} busy="Continuing" title="Continue the session, to edit its files">
            Continue to edit
          </Button>
        )}
      </PaneBar>
      <div className="p-2 empty:hidden">
        <ActionProblem failure={resume?.failure} />
        <ReadProblem of={root} title="Couldn't load the files" />
      </div>
      <Side
        list={
          wanted === "" ? (
            <>
              {root.loading && !root.data && <Loading className="p-3">Loading files</Loading>}
              <FileTree
                folders={folders}
                open={open}
                selected={selected}
                markOf={nothing}
                onToggle={toggle}
                onSelect={setSelected}
                onDownload={(path) => saveAs(downloadPath(session.id, path), path)}
                onDownloadFolder={(path) => saveAs(zipAddress(session.id, path), `${path}.zip`)}
              />
            </>
          ) : (
            <Found
              key={wanted}
              words={wanted}
              selected={selected}
              onSelect={(path) => {
                reveal(path);
                setSelected(path);
              }}
            />
          )
        }
      >
        {selected === null ? (
          <p className="p-4 text-ink-2">Choose a file to view.</p>
        ) : (
          <FileView
            key={selected}
            path={selected}
            entry={entryOf(selected)}
            draft={undefined}
            onDraft={nothing}
            onSaved={nothing}
          />
        )}
      </Side>
    </>
  );
}

function Found({
  words,
  selected,
  onSelect,
}: {
  words: string;
  selected: string | null;
  onSelect: (path: string) => void;
}) {
  const { session } = useOpened();
  const found = useResource(
    ["search-files", session.id, words],
    async () => await searchFiles(session.id, words),
    { forget: true },
  );
  return (
    <section className={treeClass} aria-label="Search results">
      <Loaded
        resource={found}
        failed="Couldn't search the files"
        loading={<Loading className="p-2">Searching</Loading>}
      >
        {({ matches, truncated }) => (
          <>
            <output className="block px-1.5 pb-1 text-ink-2">
              {matches.length === 0
                ? "No matches"
                : `${truncated ? "First " : ""}${matches.length} ${plural(matches.length, "match", "matches")}`}
            </output>
            <ul>
              {matches.map(({ path, line, text }) => (
                <li key={`${path}:${line}`}>
                  <button
                    type="button"
                    className={`${treeRowClass} flex-col items-start! gap-0! py-1 text-start`}
                    aria-current={path === selected || undefined}
                    onClick={() => onSelect(path)}
                  >
                    <span className="w-full truncate" title={path}>
                      {path}
                      <span className="text-ink-3">:{line}</span>
                    </span>
                    <span className="w-full truncate text-ink-2">{text.trim()}</span>
                  </button>
                </li>
              ))}
            </ul>
          </>
        )}
      </Loaded>
    </section>
  );
}
