/** Runs once when a server process starts: its engine, where it has one, takes over what other processes left. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { startTelemetry } = await import("./lib/server/telemetry/telemetry.ts");
  await startTelemetry();
  const { startServer } = await import("./lib/server/start.ts");
  startServer();
}
