/**
 * How long something computes, in milliseconds of processor time: what else the machine does has no part in it, as it has
 * in the time that passes.
 */
export function cpuMsOf(act: () => void): number {
  const before = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
