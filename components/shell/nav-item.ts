/** One place or act of the main navigation. */
export const navItemClass =
  "group/nav relative flex h-8 w-[34px] items-center justify-center rounded-sm text-ink-2 hover:bg-hover aria-[current=page]:bg-selected aria-[current=page]:text-ink data-popup-open:bg-hover max-sm:h-11 max-sm:w-14";
/** Its drawing. */
export const navIconClass = "text-ink-3 group-aria-[current=page]/nav:text-accent";
