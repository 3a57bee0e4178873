import { StartError } from "./errors.ts";
import { startHost } from "./host.ts";
import { closeInherited } from "./inherited.ts";
import { parseOptions } from "./options.ts";

const log = (line: string) => process.stderr.write(`sandbox-host: ${line}\n`);

try {
  if (process.platform === "linux") closeInherited();
  // Sandboxes have uids of their own, which must be able to read what is made for all of them.
  process.umask(0o022);
  const options = parseOptions(process.argv.slice(2));
  // What the host starts has no use for it.
  delete process.env.E2B_API_KEY;
  const host = await startHost(options, log);
  process.stdout.write(`${JSON.stringify({ ready: true, url: host.url })}\n`);
  let ending = false;
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.on(signal, () => {
      // Asked a second time, it leaves at once; the sandboxes die with it.
      if (ending) process.exit(1);
      ending = true;
      host.close().then(
        () => process.exit(0),
        (error: unknown) => {
          log(`cannot end cleanly: ${String(error)}`);
          process.exit(1);
        },
      );
    });
  }
} catch (error) {
  log(
    error instanceof StartError ? error.message : `${error instanceof Error ? error.stack : String(error)}`,
  );
  process.exit(1);
}
