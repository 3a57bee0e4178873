import type { Pages } from "../../lib/client/live-settings.ts";
import { Glyph } from "../ui/glyph.tsx";
import { plural } from "../../lib/domain/plural.ts";
import { useFormat } from "../../lib/client/locale.tsx";

/** Below a list: how much of it is seen, and the rest. */
export function MoreRows({
  pages,
  reading,
  one,
  other,
}: {
  pages: Pages<unknown>;
  reading: string;
  /** What a row is called, and several of them. */
  one: string;
  other: string;
}) {
  const f = useFormat();
  const { rows, more, loading, live, loadMore } = pages;
  return (
    <div className="card-foot">
      <span>
        {loading
          ? reading
          : `${f.count(rows.length)} ${plural(rows.length, one, other)}${more === "none" ? "" : " so far"}`}
      </span>
      {!live && !loading && (
        <span className="bones inline-flex items-center gap-1.5">
          <Glyph name="waiting" className="text-warning" />
          connecting
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
