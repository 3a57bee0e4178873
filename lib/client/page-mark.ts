/** The icon of a page on which something waits for its reader. */
const WAITING_ICON = "/icon-waiting.svg";

/**
 * Puts a count before the page's title, and a mark on its icon, through every change of both.
 * @returns puts them back
 */
export function markPage(page: Document, words: string): () => void {
  let title = page.title;
  let shown: string | null = null;
  const icons = new Map<HTMLLinkElement, string>();

  const apply = () => {
    // What somebody else has set is the title of the page that came.
    if (page.title !== shown) title = page.title;
    shown = `(${words}) ${title}`;
    if (page.title !== shown) page.title = shown;
    for (const link of page.querySelectorAll<HTMLLinkElement>('link[rel~="icon"]')) {
      const href = link.getAttribute("href") ?? "";
      if (href === WAITING_ICON) continue;
      icons.set(link, href);
      link.setAttribute("href", WAITING_ICON);
    }
  };
  apply();
  const observer = new MutationObserver(apply);
  observer.observe(page.head, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["href"],
  });
  return () => {
    observer.disconnect();
    page.title = page.title === shown ? title : page.title;
    for (const [link, href] of icons) link.setAttribute("href", href);
  };
}
