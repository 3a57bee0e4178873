"use client";

import { Download } from "lucide-react";
import dynamic from "next/dynamic";
import { type ReactNode, useState } from "react";
import { revisionOf } from "#client/changes.ts";
import { decode, downloadPath, type FileEntry, imageTypeOf, readHead } from "#client/files.ts";
import { useFormat } from "#client/locale.tsx";
import { useResource } from "#client/resource.ts";
import { useOpened, useSessionState } from "../session/session-context.tsx";
import { buttonClass } from "../ui/button-class.ts";
import { Button } from "../ui/button.tsx";
import { Icon } from "../ui/icon.tsx";
import { Loading, ReadProblem } from "../ui/loaded.tsx";
import { PaneBar } from "../ui/pane-bar.tsx";

const Editor = dynamic(async () => (await import("./editor.tsx")).Editor, {
  ssr: false,
  loading: () => <Loading className="p-3">Opening the file</Loading>,
});

/** Of a file that is shown in part: the first of them, and the most. */
const HEAD_BYTES = 256_000;
const MAX_HEAD_BYTES = 4_096_000;
const MAX_IMAGE_BYTES = 10_000_000;

/** Saves a file on the reader's machine, whatever it is. */
export function DownloadLink({ path, small = true }: { path: string; small?: boolean }) {
  const { session } = useOpened();
  return (
    <a
      className={buttonClass({ look: small ? "quiet" : "plain", size: "sm", icon: small })}
      href={downloadPath(session.id, path)}
      download={path.split("/").at(-1)}
      aria-label={small ? `Download ${path}` : undefined}
      title={small ? "Download" : undefined}
    >
      <Icon as={Download} size="sm" />
      {!small && "Download"}
    </a>
  );
}

/** What stands above every file: its path, its size, and what can be done with it. */
export function FileBar({
  path,
  size,
  children,
}: {
  path: string;
  size: number | undefined;
  children?: ReactNode;
}) {
  const f = useFormat();
  return (
    <PaneBar>
      <span className="fact min-w-0 truncate" title={path}>
        {path}
      </span>
      {size !== undefined && <span className="whitespace-nowrap text-ink-3">{f.bytes(size)}</span>}
      <span className="ml-auto flex items-center gap-2">
        {children}
        <DownloadLink path={path} />
      </span>
    </PaneBar>
  );
}

const useRevision = () => revisionOf(useSessionState().view);

async function asDataUrl(bytes: Uint8Array<ArrayBuffer>, type: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(typeof reader.result === "string" ? reader.result : ""));
    reader.addEventListener("error", () => reject(reader.error ?? new Error("The image can't be read.")));
    reader.readAsDataURL(new Blob([bytes], { type }));
  });
}

/** An image, as an image alone: nothing in it runs, and nothing is loaded for it. */
export function ImageBody({ path, entry }: { path: string; entry: FileEntry | null | undefined }) {
  const { session } = useOpened();
  const revision = useRevision();
  const [broken, setBroken] = useState<string>();
  const image = useResource(
    // Read again only where the folder says that it is another one, or says nothing.
    ["image", session.id, path, entry?.size, entry?.modifiedAt ?? `revision ${revision}`],
    async () => {
      const head = await readHead(session.id, path, MAX_IMAGE_BYTES);
      return head.whole ? await asDataUrl(head.bytes, imageTypeOf(path) ?? "image/png") : null;
    },
    { keep: true, forget: true, enabled: entry !== undefined },
  );
  const { data } = image;
  return (
    <>
      <div className="p-3 empty:hidden">
        <ReadProblem of={image} title="Couldn't open the image" />
      </div>
      {data === undefined && image.loading && <Loading className="p-3">Opening the image</Loading>}
      {(data === null || (data !== undefined && data === broken)) && (
        <p className="p-4 text-ink-2">
          {data === null
            ? "This image is too large to show."
            : "This image can't be shown: its bytes aren't an image."}{" "}
          You can download it.
        </p>
      )}
      {data && data !== broken && (
        <div
          className="grid min-h-0 flex-1 place-items-center overflow-auto bg-sunken p-4"
          data-testid="image"
        >
          {/* oxlint-disable-next-line nextjs/no-img-element -- it is no picture of the site's */}
          <img
            src={data}
            alt={path}
            className="max-h-full max-w-full object-contain [background:repeating-conic-gradient(var(--line)_0_25%,var(--paper)_0_50%)_0_0/16px_16px]"
            onError={() => setBroken(data)}
          />
        </div>
      )}
    </>
  );
}

/** A file that is not edited here, since it is too large, or not UTF-8: the beginning of it, to read. */
export function PartBody({ path, size }: { path: string; size: number | undefined }) {
  const f = useFormat();
  const { session } = useOpened();
  const [limit, setLimit] = useState(HEAD_BYTES);
  const part = useResource(
    ["part", session.id, path, limit, useRevision()],
    async () => {
      const head = await readHead(session.id, path, limit);
      return { shown: decode(head), bytes: head.bytes.length, whole: head.whole };
    },
    { keep: true, forget: true },
  );
  const { data } = part;
  return (
    <>
      <div className="p-3 empty:hidden">
        <ReadProblem of={part} title="Couldn't open the file" />
      </div>
      {data === undefined && part.loading && <Loading className="p-3">Opening the file</Loading>}
      {data && (
        <div className="flex flex-wrap items-center gap-2 border-b border-line bg-paper px-3 py-2 text-small text-ink-2">
          <p className="min-w-0 flex-1">
            {data.shown === null && "This file isn't text, so it can't be shown. You can download it."}
            {data.shown?.encoding === "windows-1252" &&
              "This file isn't UTF-8. It's shown as Western European text and can't be edited here, since saving would change its bytes. "}
            {data.shown && !data.whole && (
              <>
                Too large to edit here. Only the first <span className="fact">{f.bytes(data.bytes)}</span>
                {size !== undefined && (
                  <>
                    {" "}
                    of <span className="fact">{f.bytes(size)}</span>
                  </>
                )}{" "}
                are shown.
              </>
            )}
            {data.shown?.encoding === "utf-8" && data.whole && "Too large to edit here."}
          </p>
          {data.shown && !data.whole && limit < MAX_HEAD_BYTES && (
            <Button
              size="sm"
              off={part.loading}
              onClick={() => setLimit(Math.min(limit * 4, MAX_HEAD_BYTES))}
            >
              {part.loading ? "Loading" : "Show more"}
            </Button>
          )}
          <DownloadLink path={path} small={false} />
        </div>
      )}
      {data?.shown && (
        <Editor
          path={path}
          text={data.shown.text}
          readOnly
          onChange={() => undefined}
          onSave={() => undefined}
        />
      )}
    </>
  );
}
