import { z } from "zod";

const count = z.number().int();
const changed = {
  environment: z.enum(["development", "production"]),
  revision: count.describe("What the environment is at since."),
  created: count,
  updated: count,
  deleted: count,
  changed_by: z.string(),
};

/** Events of what a session's people did to the project. */
export const PROJECT_PAYLOADS = {
  /** Changes of the workspace were pushed to the project. */
  "project.pushed": z.object(changed),
  /** A push from the session was taken back. */
  "project.taken_back": z.object({ ...changed, undoes: count }),
};
