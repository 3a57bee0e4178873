import type { Pages } from "../../lib/client/live-settings.ts";
import { Glyph } from "../ui/glyph.tsx";
import { settings as t } from "../../lib/client/messages/settings.ts";
import { fill, form } from "../../lib/client/messages/text.ts";
import type { Counted } from "../../lib/client/messages/text.ts";
import { useFormat } from "../../lib/client/locale.tsx";

/** Below a list: how much of it is seen, and the rest. */
export function MoreRows({
  pages,
  reading,
  all,
  soFar,
}: {
  pages: Pages<unknown>;
  reading: string;
  all: Counted;
  soFar: Counted;
}) {
  const f = useFormat();
  const { rows, more, loading, live, loadMore } = pages;
  return (
    <div className="card-foot">
      <span>
        {loading
          ? reading
          : fill(form(more === "none" ? all : soFar, rows.length), { count: f.count(rows.length) })}
      </span>
      {!live && !loading && (
        <span className="bones inline-flex items-center gap-1.5">
          <Glyph name="waiting" className="text-ochre" />
          {t.connectingToLiveData}
        </span>
      )}
      {more !== "none" && (
        <button
          type="button"
          className="btn btn-sm ml-auto"
          aria-disabled={more === "loading"}
          onClick={() => more === "some" && loadMore()}
        >
          {more === "loading" ? t.loading : t.loadMore}
        </button>
      )}
    </div>
  );
}
