import http from "node:http";
import type { Duplex } from "node:stream";

const TIMEOUT_MS = 15_000;

/**
 * A POST of the host's own to envd, on a stream that leads there.
 * @throws where it does not answer in time, or with another status than `expected`
 */
export async function postOn(
  stream: Duplex,
  pathname: string,
  expected: number,
  body?: object,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const request = http.request({
      createConnection: () => stream,
      method: "POST",
      path: pathname,
      headers: { "content-type": "application/json", connection: "close" },
      timeout: TIMEOUT_MS,
    });
    const timer = setTimeout(() => request.destroy(new Error("envd did not answer")), TIMEOUT_MS);
    request.once("close", () => clearTimeout(timer));
    request.once("error", reject);
    request.once("response", (response) => {
      response.resume();
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode === expected) resolve();
        else reject(new Error(`envd answered ${response.statusCode}`));
      });
    });
    request.end(body && JSON.stringify(body));
  });
}
