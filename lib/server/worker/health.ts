import http from "node:http";

/**
 * Answers `GET /health` on loopback: 200 while the worker takes sessions, 503 once it ends, with how many it works on.
 * @throws Error where the port cannot be had
 */
export async function serveHealth(
  port: number,
  state: () => { ending: boolean; sessions: number },
): Promise<http.Server> {
  const server = http.createServer((request, response) => {
    if (request.method !== "GET" || request.url !== "/health") return void response.writeHead(404).end();
    const { ending, sessions } = state();
    response.writeHead(ending ? 503 : 200, { "content-type": "application/json", connection: "close" });
    response.end(JSON.stringify({ status: ending ? "ending" : "healthy", sessions }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return server;
}
