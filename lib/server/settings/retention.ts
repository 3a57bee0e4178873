import { api } from "#convex/_generated/api.js";
import type { RetentionPreview } from "#contracts/settings.ts";
import type { Principal } from "#domain/principal.ts";
import { dataFor } from "../convex/client.ts";

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

/** What would go now if logs were kept for so many days. @throws forbidden */
export async function previewRetention(caller: Principal, days: number): Promise<RetentionPreview> {
  const { asOf, isMore, oldestAt, newestAt, ...counts } = await dataFor(caller).query(api.retention.preview, {
    days,
  });
  return {
    ...counts,
    as_of: new Date(asOf).toISOString(),
    is_more: isMore,
    oldest_at: iso(oldestAt),
    newest_at: iso(newestAt),
  };
}
