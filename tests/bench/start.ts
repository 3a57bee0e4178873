import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { freePorts } from "#tests/free-ports.ts";
import { ROOT, Start } from "#tests/start.ts";
import { type Figure, median } from "./figures.ts";

const WARM_ROUNDS = 3;
const START_MS = 180_000;

/** Seconds from the command until it says that Studio is ready. */
async function timeStart(data: string, ports: number[]): Promise<number> {
  const startedAt = performance.now();
  const start = new Start([
    "--data",
    data,
    ...["port", "convex-port", "site-port", "sandbox-port", "model-port", "preview-port"].flatMap(
      (flag, index) => [`--${flag}`, String(ports[index])],
    ),
  ]);
  try {
    return await new Promise<number>((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`${why}:\n${start.output}`));
      setTimeout(() => fail("npm start took too long"), START_MS).unref();
      start.child.once("close", () => fail("npm start ended"));
      start.child.stdout?.on("data", () => {
        if (start.output.includes("Studio is ready")) resolve((performance.now() - startedAt) / 1000);
      });
    });
  } finally {
    await start.cleanUp();
  }
}

/** `npm start` from the command to the ready line: with nothing built and no data, and as on any other day. */
export async function startTimes(): Promise<Figure[]> {
  const temp = fs.mkdtempSync(path.join(os.tmpdir(), "studio-bench-"));
  const data = path.join(temp, "data");
  const ports = await freePorts(6);
  try {
    fs.rmSync(path.join(ROOT, ".next/studio-sources"), { force: true });
    const cold = await timeStart(data, ports);
    const warm: number[] = [];
    for (let round = 0; round < WARM_ROUNDS; round++) warm.push(await timeStart(data, ports));
    return [
      {
        name: "npm start, cold",
        unit: "s",
        measured: cold,
        note: "packages installed, the build tool’s cache kept; builds, and makes the first organization",
      },
      {
        name: "npm start, warm",
        unit: "s",
        measured: median(warm),
        aim: 8,
        note: `median of ${WARM_ROUNDS}`,
      },
    ];
  } finally {
    fs.rmSync(temp, { recursive: true, force: true });
  }
}
