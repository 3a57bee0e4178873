import type { Pages } from "../../lib/client/live-settings.ts";
import { Glyph } from "../ui/glyph.tsx";

/** Below a list: how much of it is seen, and the rest. */
export function MoreRows({ pages, one, many }: { pages: Pages<unknown>; one: string; many: string }) {
  const { rows, more, loading, live, loadMore } = pages;
  return (
    <div className="card-foot">
      <span>
        {loading
          ? `Reading the ${many}`
          : `${rows.length} ${rows.length === 1 ? one : many}${more === "none" ? "" : " so far"}`}
      </span>
      {!live && !loading && (
        <span className="bones inline-flex items-center gap-1.5">
          <Glyph name="waiting" className="text-ochre" />
          connecting to live data
        </span>
      )}
      {more !== "none" && (
        <button
          type="button"
          className="btn btn-sm ml-auto"
          aria-disabled={more === "loading"}
          onClick={() => more === "some" && loadMore()}
        >
          {more === "loading" ? "Loading" : "Load more"}
        </button>
      )}
    </div>
  );
}
