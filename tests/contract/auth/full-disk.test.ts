import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { expect } from "vitest";
import { api } from "#convex/_generated/api.js";
import { authDatabase, closeAuthDatabase } from "#server/auth/database.ts";
import { embeddedHandler } from "#server/auth/embedded.ts";
import { serviceData } from "#server/convex/client.ts";
import { problemResponse } from "#server/http/error.ts";
import { status } from "#server/status/status.ts";
import { DataService } from "#tests/data.ts";
import { until } from "#tests/api.ts";
import { testAsRoot } from "#tests/test-where.ts";

const ORIGIN = "http://localhost:3999";

/** Takes all the room that is left, to the last byte. */
function fill(file: string): void {
  const open = fs.openSync(file, "w");
  for (let size = 1 << 20; size >= 1; size = size > 1 ? size >> 1 : 0)
    try {
      for (;;) fs.writeSync(open, Buffer.alloc(size));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  fs.closeSync(open);
}

const person = () => ({
  email: `p${randomBytes(6).toString("hex")}@studio.example`,
  password: "a long enough password",
  name: "Person",
});
async function post(route: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await embeddedHandler(
    new Request(`${ORIGIN}/api/auth${route}`, {
      method: "POST",
      headers: { "content-type": "application/json", origin: ORIGIN, "x-studio-client-address": "192.0.2.1" },
      body: JSON.stringify(body),
    }),
  );
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const mirror = async () =>
  await serviceData().mutation(api.identity.mirror, {
    driver: "embedded",
    user: { externalId: randomBytes(6).toString("hex"), name: "Ada", email: "ada@studio.example" },
    organization: { externalId: randomBytes(6).toString("hex"), name: "Team", slug: "team" },
    role: "admin",
    assertedAt: Date.now(),
    welcomeMicroUsd: 0,
  });

testAsRoot(
  "SEC-18, SEC-15: a full disk is named by data, sign-in and status; with room again all goes on, and closing leaves one file",
  async () => {
    const disk = fs.mkdtempSync(path.join(os.tmpdir(), "studio-full-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=96m", "tmpfs", disk]);
    const before = process.env.TMPDIR;
    let data: DataService | undefined;
    try {
      process.env.TMPDIR = disk;
      data = await DataService.start();
      Object.assign(process.env, {
        ...data.environment(ORIGIN),
        E2B_API_URL: data.url,
      });
      const known = person();
      expect((await post("/sign-up/email", known)).status).toBe(200);
      await mirror();

      const filler = path.join(disk, "filler");
      fill(filler);
      const refused = await mirror().then(
        () => undefined,
        (error: unknown) => error,
      );
      const problem = problemResponse(refused, new Request(`${ORIGIN}/api/v1/x`), "req-1");
      expect(await problem.json()).toMatchObject({ status: 503, code: "unavailable", kind: "disk_full" });
      for (const answer of [await post("/sign-in/email", known), await post("/sign-up/email", person())])
        expect(answer).toMatchObject({
          status: 503,
          body: { kind: "disk_full", message: expect.stringContaining("disk") as string },
        });
      expect((await status()).services).toContainEqual({ name: "disk", state: "down" });

      fs.rmSync(filler);
      await mirror();
      expect((await post("/sign-in/email", known)).status).toBe(200);
      await until("a healthy disk", async () =>
        (await status()).services.some(({ name, state }) => name === "disk" && state === "up"),
      );

      authDatabase();
      closeAuthDatabase();
      expect(fs.readdirSync(data.folder).filter((name) => name.startsWith("auth.db"))).toEqual(["auth.db"]);
      expect(fs.statSync(path.join(data.folder, "auth.db")).size).toBeGreaterThan(20_000);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
      await data?.stop();
      execFileSync("umount", ["-l", disk]);
      fs.rmdirSync(disk);
    }
  },
  120_000,
);
