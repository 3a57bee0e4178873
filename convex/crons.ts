import { cronJobs } from "convex/server";
import { internal } from "./_generated/api";

const crons = cronJobs();

crons.interval("take removals up again", { minutes: 1 }, internal.removals.resume, {});

crons.interval("stop what is live of frozen organizations", { minutes: 1 }, internal.freezes.resume, {
  cursor: null,
});

crons.interval("take migrations up again", { minutes: 10 }, internal.migrations.run, {});

crons.interval("remove spent commands and holds", { minutes: 10 }, internal.sweeps.spent, {});

crons.interval("remove logs past their retention", { hours: 1 }, internal.sweeps.retention, {
  cursor: null,
});

crons.interval("let go of set-up snapshots that nobody uses", { hours: 1 }, internal.sweeps.setup, {});

crons.interval("remove uploaded files that got no name", { hours: 1 }, internal.checkpointFiles.sweep, {});

crons.interval("give up imports that came to a halt", { minutes: 10 }, internal.sessionImports.sweep, {});

export default crons;
