import { Sandbox } from "e2b";
import { randomBytes } from "node:crypto";
import { VERSION } from "#domain/version.ts";
import { env } from "../env.ts";
import { connection, deployment, isGone } from "./sandbox.ts";

/** A snapshot copies all that a sandbox has on disk. */
const SNAPSHOT_MS = 5 * 60_000;

/** What sandboxes are made of now: a snapshot of another template is stale. */
export const templateKey = (): string => `${env().SANDBOX_TEMPLATE}@${VERSION}`;

/** A name for a new snapshot, known before there is one, so that none is ever lost sight of. */
export const snapshotName = (): string => `studio-setup-${deployment()}-${randomBytes(10).toString("hex")}`;

/** Keeps a sandbox's files under a name. @returns by which sandboxes are created from it */
export async function keepSnapshot(sandboxId: string, name: string): Promise<string> {
  const { snapshotId } = await Sandbox.createSnapshot(sandboxId, {
    ...connection(),
    requestTimeoutMs: SNAPSHOT_MS,
    name,
  });
  return snapshotId;
}

/** Removes a snapshot. One that is gone already is as good as removed. */
export async function removeSnapshot(snapshotId: string): Promise<void> {
  try {
    await Sandbox.deleteSnapshot(snapshotId, connection());
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
