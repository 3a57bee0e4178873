import { env } from "../env.ts";
import { log, messageOf } from "../log.ts";
import { PreviewServer } from "./server.ts";

/** Starts the previews' own server, where one is set up. @returns a function that ends it */
export function startPreviews(): () => void {
  const { STUDIO_PREVIEW_PORT: port, STUDIO_PREVIEW_BIND: host, STUDIO_PREVIEW_URL: url } = env();
  if (port === undefined || url === undefined) return () => undefined;
  const server = new PreviewServer();
  server.listen(port, host).then(
    () => log("info", "previews are open", { port }),
    (error: unknown) => log("error", "previews cannot be opened", { port, error: messageOf(error) }),
  );
  return () => server.close();
}
