import { cronJobs } from "convex/server";
import { internal } from "./_generated/api";

const crons = cronJobs();

crons.interval("take removals up again", { minutes: 1 }, internal.removals.resume, {});

crons.interval("take migrations up again", { minutes: 10 }, internal.migrations.run, {});

export default crons;
