"use client";

import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { isTyping, useSingleKeys } from "#client/single-keys.ts";
import { showToast } from "#client/toast.ts";
import { hasUnsaved } from "#client/unsaved.ts";
import { useKeys } from "#client/use-keys.ts";

const Palette = dynamic(async () => (await import("./palette.tsx")).Palette, { ssr: false });
const ShortcutSheet = dynamic(async () => (await import("./shortcut-sheet.tsx")).ShortcutSheet, {
  ssr: false,
});

export type Layer = "palette" | "shortcuts" | null;

/** The keys that work on every page, and the two layers that they open. Their code comes with their first use. */
export function ShellKeys({ layer, onLayer }: { layer: Layer; onLayer: (layer: Layer) => void }) {
  const router = useRouter();
  const single = useSingleKeys();
  useKeys((event, layered) => {
    const command = event.metaKey || event.ctrlKey;
    if (command && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") onLayer("palette");
    else if (command || event.altKey || !single || isTyping(event.target) || layered) return;
    else if (event.key === "?") onLayer("shortcuts");
    else if (event.key === "c") {
      if (hasUnsaved()) showToast("Not opened: this page has unsaved work. Send, save or clear it first.");
      else router.push("/studio");
    } else if (event.key === "/") {
      const filter = document.querySelector<HTMLElement>("[data-filter]");
      if (!filter) return;
      filter.focus();
    } else return;
    event.preventDefault();
  });
  const close = () => onLayer(null);
  return (
    <>
      {layer === "palette" && <Palette onClose={close} onShortcuts={() => onLayer("shortcuts")} />}
      {layer === "shortcuts" && <ShortcutSheet onClose={close} />}
    </>
  );
}
