import { type Api, until } from "#tests/api.ts";
import { type Figure, median } from "./figures.ts";

const ROUNDS = 5;
const PLACE = "/api/v1/setup/development";
const BUILD_MS = 300_000;
/** 300 MB in 20,000 files of as many packages as a large project has. */
const SCRIPT = `perl -e 'mkdir "node_modules"; for my $p (1 .. 800) { mkdir "node_modules/p$p"; for my $f (1 .. 25) { open(F, ">", "node_modules/p$p/f$f.js"); print F ("// p$p f$f\\n" x 1300); close F } }'
du -sm node_modules`;

/** Milliseconds until a session is ready. */
async function timeSession(api: Api): Promise<number> {
  const startedAt = performance.now();
  const session = await api.createSession();
  const total = performance.now() - startedAt;
  await api.stop(session.id);
  return total;
}

/** From the click until a session is ready whose set-up has installed 300 MB, beside one with an empty workspace. */
export async function preparedToReady(api: Api): Promise<Figure[]> {
  const times: Record<"empty" | "prepared", number[]> = { empty: [], prepared: [] };
  for (const kind of ["empty", "prepared"] as const) {
    if (kind === "prepared") {
      await api.call("PUT", PLACE, { script: SCRIPT });
      await until(
        "the snapshot",
        async () => {
          const { body } = await api.call<{ setups: { prepared_at: string | null }[] }>(
            "GET",
            "/api/v1/setup",
          );
          return body.setups[0]?.prepared_at;
        },
        BUILD_MS,
      );
    }
    for (let round = 0; round <= ROUNDS; round++) {
      const ms = await timeSession(api);
      if (round > 0) times[kind].push(ms);
    }
  }
  await api.call("DELETE", PLACE);
  return [
    {
      name: "click → ready, 300 MB",
      unit: "ms",
      measured: median(times.prepared),
      baseline: median(times.empty),
      against: "ratio",
      aim: 1.3,
      note: "a session of a set-up snapshot in 20,000 files, beside one with an empty workspace",
    },
  ];
}
