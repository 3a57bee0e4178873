import { useEffect, useState } from "react";
import type { Pages } from "./live-settings.ts";

/** A list that a filter leaves little of goes on by itself so often. */
const MAX_SEARCHED_PAGES = 10;
const ENOUGH = 10;

/** Has a list go on while its filter leaves little of it. @returns whether it still does */
export function useGoOn({ rows, more, loadMore }: Pages<unknown>): boolean {
  const [searched, setSearched] = useState(0);
  const goesOn = rows.length < ENOUGH && more === "some" && searched < MAX_SEARCHED_PAGES;
  useEffect(() => {
    if (!goesOn) return;
    const timer = setTimeout(() => {
      setSearched((count) => count + 1);
      loadMore();
    });
    return () => clearTimeout(timer);
  }, [goesOn, loadMore]);
  return goesOn;
}
