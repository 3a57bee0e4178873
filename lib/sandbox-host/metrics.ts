/** One look at a sandbox. */
export interface Sample {
  /** Epoch milliseconds. */
  at: number;
  /** Of one CPU; 200 means two whole ones. */
  cpuUsedPercent: number;
  memoryUsedBytes: number;
  memoryCacheBytes: number;
  diskUsedBytes: number;
}

/** An hour and more at one sample every five seconds. */
const MAX_SAMPLES = 1_000;

/** The newest samples of one sandbox. */
export class Metrics {
  private samples: Sample[] = [];
  private last = { at: Date.now(), cpuSeconds: 0 };

  /** Adds a sample. `cpuSeconds` is all CPU time since the sandbox started, of which the use since the last follows. */
  add({ cpuSeconds, ...sample }: Omit<Sample, "cpuUsedPercent"> & { cpuSeconds: number }): void {
    const { at } = sample;
    const elapsed = (at - this.last.at) / 1000;
    // After a reboot the time counts from zero again.
    const used = Math.max(0, cpuSeconds - this.last.cpuSeconds);
    this.last = { at, cpuSeconds };
    const cpuUsedPercent = elapsed > 0 ? Math.round((used / elapsed) * 10_000) / 100 : 0;
    this.samples.push({ ...sample, cpuUsedPercent });
    if (this.samples.length > MAX_SAMPLES) this.samples = this.samples.slice(-MAX_SAMPLES);
  }

  /** The samples between two moments, in epoch milliseconds, oldest first. */
  between(start: number, end: number): Sample[] {
    return this.samples.filter(({ at }) => at >= start && at <= end);
  }
}
