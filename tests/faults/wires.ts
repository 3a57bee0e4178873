import net from "node:net";

/**
 * A TCP connection's way through this process, so that it can be broken: `cut` resets what is open, `refuse` lets
 * nobody through, and `stall` takes connections and bytes and passes none on, as a network does that loses all packets.
 */
export class Wire {
  readonly #server: net.Server;
  readonly #target: number;
  readonly #pairs = new Map<net.Socket, net.Socket>();
  readonly #waiting = new Set<net.Socket>();
  #state: "open" | "refusing" | "stalled" = "open";

  private constructor(target: number) {
    this.#target = target;
    this.#server = net.createServer((near) => this.#take(near));
  }

  /** A wire that leads to a port of this machine. */
  static async to(target: number): Promise<Wire> {
    const wire = new Wire(target);
    await new Promise<void>((resolve) => wire.#server.listen(0, "127.0.0.1", resolve));
    return wire;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  #take(near: net.Socket): void {
    near.on("error", () => near.destroy());
    if (this.#state === "refusing") return void near.resetAndDestroy();
    if (this.#state === "open") return this.#connect(near);
    this.#waiting.add(near);
    near.once("close", () => this.#waiting.delete(near));
  }

  #connect(near: net.Socket): void {
    const far = net.connect(this.#target, "127.0.0.1");
    this.#pairs.set(near, far);
    far.on("error", () => near.resetAndDestroy());
    near.on("close", () => {
      far.destroy();
      this.#pairs.delete(near);
    });
    far.on("close", () => near.destroy());
    near.pipe(far);
    far.pipe(near);
  }

  /** Resets what is open; new connections pass. */
  cut(): void {
    for (const [near, far] of this.#pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
    for (const near of this.#waiting) near.resetAndDestroy();
  }

  /** Resets what is open, and everybody who comes, until it is mended. */
  refuse(): void {
    this.#state = "refusing";
    this.cut();
  }

  /** Passes nothing on, until it is mended. */
  stall(): void {
    this.#state = "stalled";
    for (const [near, far] of this.#pairs) {
      near.unpipe(far);
      far.unpipe(near);
      near.pause();
      far.pause();
    }
  }

  /** Passes everything on again, what has gathered first. */
  mend(): void {
    const was = this.#state;
    this.#state = "open";
    if (was !== "stalled") return;
    for (const [near, far] of this.#pairs) {
      near.pipe(far);
      far.pipe(near);
    }
    for (const near of this.#waiting) this.#connect(near);
    this.#waiting.clear();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
