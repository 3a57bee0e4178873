/**
 * Loaded before a process's own modules (`node --import`): its wall clock differs from the machine's by the milliseconds
 * that stand in the file `STUDIO_TEST_CLOCK`, which may change at any time. Timers and `performance.now()` stay as they
 * are, as they do where a machine's clock is set.
 */
import fs from "node:fs";

const file = process.env.STUDIO_TEST_CLOCK;
const LOOK_MS = 100;

if (file !== undefined) {
  const RealDate = Date;
  const realNow = RealDate.now.bind(RealDate);
  let offset = 0;
  const look = () => {
    try {
      offset = Number(fs.readFileSync(file, "utf8")) || 0;
    } catch {
      // No file, no difference.
      offset = 0;
    }
  };
  look();
  setInterval(look, LOOK_MS).unref();
  const now = () => realNow() + offset;
  const shifted: DateConstructor = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, args, made) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, made === shifted ? target : made) as Date,
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
  });
  RealDate.prototype.constructor = shifted;
  globalThis.Date = shifted;
}
