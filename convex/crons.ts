import { cronJobs } from "convex/server";
import { internal } from "./_generated/api";

const crons = cronJobs();

crons.interval("take removals up again", { minutes: 1 }, internal.removals.resume, {});

export default crons;
