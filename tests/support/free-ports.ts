import net from "node:net";

/** The next port to try. Each process has 100 of its own, so that two do not choose the same. */
let nextPort = 12_000 + (process.pid % 180) * 100;

/**
 * Ports that are free, and stay so until a service listens: they lie below those that the system gives to
 * connections (32,768 and up on Linux), of which any may take a port that was free a moment ago.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count; tries++) {
    if (tries > 1_000) throw new Error("no free port below 32,768");
    const port = nextPort;
    nextPort = nextPort >= 29_999 ? 12_000 : nextPort + 1;
    const server = net.createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false)).listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    ports.push(port);
  }
  return ports;
}
