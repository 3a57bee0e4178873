import fs from "node:fs";
import path from "node:path";
import { api } from "#convex/_generated/api.js";
import type { Id } from "#convex/_generated/dataModel.js";
import { CHECKPOINT_TIMES } from "#domain/checkpoints.ts";
import type { Data } from "#server/convex/client.ts";
import { parseKeyring } from "#server/keys/envelope.ts";
import { restoreSession, Spoiled } from "#server/checkpoints/restore.ts";
import { rewindFiles } from "#server/checkpoints/rewind.ts";
import { removeStored, saveSession } from "#server/checkpoints/save.ts";
import { carryOutRewind } from "#server/engine/rewind.ts";
import { contentOf, dataAs, Life, OddStore, Place, type StoreFault, storedName } from "./checkpoint-world.ts";

const RING = parseKeyring(`1:${Buffer.alloc(32, 1).toString("base64")}`);

/** What a round is played in: its session lives in a database of the caller's, whose clock the caller moves. */
export interface Ground {
  base: string;
  programs: string;
  data: Data;
  sessionId: Id<"sandboxSessions">;
  advance: (ms: number) => void;
  /** A person has the session's files go back, whatever was changed by hand. */
  order: (to: { checkpointId: Id<"checkpoints"> } | { undo: true }) => Promise<unknown>;
}

/** Numbers that look random, and are the same each time. */
export function dice(seed: number): (below: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 12)) >>> 0) % below;
  };
}

const STORE_FAULTS: StoreFault[] = ["full", "flipped", "cut", "twice", "slow"];
const FAULTS = [
  "nothing",
  "the server is killed",
  "the program is killed",
  "the store",
  "two servers",
  "files change meanwhile",
  "the shadow repository is spoiled",
] as const;
const MAX_TRIES = 6;

/** One round: a session works, something breaks while it is saved, and then all must be as it should. */
class Round {
  readonly #ground: Ground;
  readonly #roll: (below: number) => number;
  readonly #store: OddStore;
  readonly #place: Place;
  /** What the workspace was like at the ends of its turns. */
  readonly #turns: string[] = [];
  readonly wrong: string[] = [];
  readonly faults: string[] = [];
  #files = 0;

  constructor(ground: Ground, seed: number) {
    this.#ground = ground;
    this.#roll = dice(seed);
    this.#store = new OddStore(fs.mkdtempSync(path.join(ground.base, "round-")));
    this.#place = new Place(ground.base, ground.programs);
  }

  #work(): void {
    const { root } = this.#place;
    for (let act = 0; act <= this.#roll(4); act += 1) {
      const file = path.join(root, `d${this.#roll(3)}`, `f${this.#roll(6)}`);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      const kind = this.#roll(6);
      fs.rmSync(file, { force: true, recursive: true });
      if (kind === 0) continue;
      if (kind === 1) fs.symlinkSync(`../f${this.#roll(9)}`, file);
      else {
        this.#files += 1;
        fs.writeFileSync(file, `${this.#files} `.repeat(1 + this.#roll(3_000)));
        fs.chmodSync(file, kind === 2 ? 0o755 : 0o644);
      }
    }
  }

  readonly #parts = (life: Life) => ({
    data: dataAs(life, this.#ground.data),
    store: this.#store.as(life),
    ring: RING,
    open: async () => this.#place.as(life),
  });

  async #save(life = new Life()): Promise<string> {
    // A server that was killed has nobody to tell.
    return await saveSession(this.#ground.sessionId, "turn", this.#parts(life)).catch(() => "killed");
  }

  async #brokenSave(): Promise<void> {
    const fault = FAULTS[this.#roll(FAULTS.length)]!;
    this.faults.push(fault);
    if (fault === "the server is killed") await this.#save(new Life(1 + this.#roll(8), this.#roll(2) === 1));
    else if (fault === "two servers") await Promise.all([this.#save(), this.#save()]);
    else {
      if (fault === "the program is killed") this.#place.killNextAfterMs = 20 + this.#roll(250);
      if (fault === "the store") this.#store.next = STORE_FAULTS[this.#roll(STORE_FAULTS.length)]!;
      if (fault === "the shadow repository is spoiled") this.#spoilShadow();
      const saving = this.#save();
      if (fault === "files change meanwhile") this.#work();
      await saving;
    }
  }

  #spoilShadow(): void {
    const shadow = path.join(this.#place.home, ".local/share/studio/checkpoints.git");
    if (!fs.existsSync(shadow)) return;
    const files = fs
      .readdirSync(shadow, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const victim = files[this.#roll(files.length)]!;
    fs.chmodSync(victim, 0o600);
    if (this.#roll(2) === 0) fs.rmSync(victim);
    else fs.writeFileSync(victim, "spoiled");
  }

  /** The sandbox is lost now: what a new one is brought to must be the end of this turn, or of the one before. */
  async #resumed(what: string): Promise<void> {
    const fresh = new Place(this.#ground.base, this.#ground.programs);
    const { data, store, ring } = this.#parts(new Life());
    const id = await restoreSession(fresh.as(new Life()), this.#ground.sessionId, { data, store, ring });
    if (id === null) {
      if (this.#turns.length > 1)
        this.wrong.push(`${what}: nothing is saved after ${this.#turns.length} turns`);
      return;
    }
    const content = contentOf(fresh.root);
    if (!this.#turns.slice(-2).includes(content))
      this.wrong.push(`${what}: it is neither the last turn's workspace nor the one before`);
    fs.rmSync(path.dirname(fresh.root), { recursive: true, force: true });
  }

  /** What the sweep does until a save that is due is done. */
  async #heal(): Promise<void> {
    const { sessionId, advance, data } = this.#ground;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const result = await this.#save();
      if (result === "saved" || result === "unchanged") return;
      // A try that a killed server has left is taken over once its time is over.
      advance(CHECKPOINT_TIMES.claimMs + 1_000);
    }
    const due = await data.query(api.due.saves, { now: Date.now() });
    this.wrong.push(`it could not be saved in ${MAX_TRIES} tries (${sessionId}, ${due.items.length} due)`);
  }

  async turn(): Promise<void> {
    this.#work();
    const during = this.faults.length;
    await this.#brokenSave();
    const isMoving = this.faults[during] === "files change meanwhile";
    // Files that change while they are saved: what is saved is their end, or the state of one moment in between.
    this.#turns.push(contentOf(this.#place.root));
    if (!isMoving) await this.#resumed(`after “${this.faults[during]}”`);
    await this.#heal();
    await this.#resumed(`healed from “${this.faults[during]}”`);
    if (contentOf(this.#place.root) !== this.#turns.at(-1))
      this.wrong.push("a checkpoint changed the workspace");
  }

  /** A resume that is killed is done again in another sandbox; one whose newest checkpoint is spoiled takes the one before. */
  async resume(): Promise<void> {
    const { sessionId, base, programs, data } = this.#ground;
    const killed = new Life(1 + this.#roll(5));
    const parts = this.#parts(killed);
    const first = new Place(base, programs);
    if (this.#roll(2) === 0) first.killNextAfterMs = 20 + this.#roll(200);
    await restoreSession(first.as(killed), sessionId, parts).catch(() => null);
    await this.#resumed("resumed again");
    const all = await data.query(api.checkpoints.stored, { sessionId });
    const [newest, before] = all;
    if (!newest || !before) return;
    this.#store.spoil(newest.storedAs);
    const fresh = new Place(base, programs);
    const { data: alive, store, ring } = this.#parts(new Life());
    const got = await restoreSession(fresh.as(new Life()), sessionId, { data: alive, store, ring }).catch(
      (error: unknown) => (error instanceof Spoiled ? ("spoiled" as const) : Promise.reject(error)),
    );
    const isBefore = got === before.checkpointId;
    if (newest.chain === before.chain && !isBefore) this.wrong.push(`a spoiled checkpoint led to ${got}`);
    this.#store.spoil(newest.storedAs);
  }

  /** What the workspace was like at a checkpoint. */
  async #contentAt(checkpointId: Id<"checkpoints">): Promise<string> {
    const { data, sessionId, base, programs } = this.#ground;
    const { store, ring } = this.#parts(new Life());
    const place = new Place(base, programs);
    const olderOnly: Data = {
      query: async (fn, args) => {
        const rows: { checkpointId: string }[] = await data.query(fn, args);
        return rows.slice(rows.findIndex((row) => row.checkpointId === checkpointId));
      },
      mutation: async (fn, args) => await data.mutation(fn, args),
    };
    await restoreSession(place.as(new Life()), sessionId, { data: olderOnly, store, ring });
    return contentOf(place.root);
  }

  /** A rewind whose program is killed is done again, and then the workspace is what it was. */
  async rewind(): Promise<void> {
    const { sessionId, data } = this.#ground;
    const { data: alive, store, ring } = this.#parts(new Life());
    const all = await data.query(api.checkpoints.stored, { sessionId });
    const [newest] = all;
    const target = all[this.#roll(all.length)];
    if (!newest || !target) return;
    const wanted = await this.#contentAt(target.checkpointId);
    const given = {
      what: "files" as const,
      checkpointId: target.checkpointId,
      baseId: newest.checkpointId,
      safetyId: newest.checkpointId,
      overwrite: ["/"],
      keep: [],
    };
    this.#place.killNextAfterMs = 20 + this.#roll(250);
    await rewindFiles(this.#place.as(new Life()), sessionId, given, { data: alive, store, ring }).catch(
      () => null,
    );
    await rewindFiles(this.#place.as(new Life()), sessionId, given, { data: alive, store, ring });
    if (contentOf(this.#place.root) !== wanted)
      this.wrong.push("a rewind that was done again is not what it went back to");
  }

  /** A server carries out what is ordered, as long as it lives. */
  async #carryOut(holder: string, life = new Life()): Promise<void> {
    const { data, sessionId } = this.#ground;
    const generation = await data.mutation(api.sessionLeases.claim, { sessionId, holder });
    if (generation === null) return void this.wrong.push("the lease of a killed server is not free");
    const parts = this.#parts(life);
    const work = carryOutRewind({ sessionId, generation }, parts.data, {
      saveSession: async (id, cause, given) =>
        await saveSession(id, cause, { ...parts, ofRewind: given?.ofRewind }),
      rewindFiles: async (sandbox, id, given) => await rewindFiles(sandbox, id, given, parts),
      stopAgentServer: async () => undefined,
      openSandbox: async () => this.#place.as(life),
    });
    await Promise.race([work.catch(() => undefined), life.ended]);
    await data.mutation(api.sessionLeases.release, { sessionId, generation }).catch(() => undefined);
  }

  /** A server is killed in the middle of a rewind that was ordered: the next does it wholly; and so with its undo. */
  async orders(): Promise<void> {
    const { sessionId, data, advance, order } = this.#ground;
    await this.#heal();
    const all = await data.query(api.checkpoints.stored, { sessionId });
    const target = all[this.#roll(all.length)];
    if (!target) return;
    const before = contentOf(this.#place.root);
    const wanted = await this.#contentAt(target.checkpointId);
    for (const [to, content] of [
      [{ checkpointId: target.checkpointId }, wanted],
      [{ undo: true } as const, before],
    ] as const) {
      const name = "undo" in to ? "an undo" : "a rewind";
      const there = contentOf(this.#place.root);
      await order(to);
      const isKilled = this.#roll(3) === 0;
      if (isKilled) this.#place.killNextAfterMs = 20 + this.#roll(250);
      await this.#carryOut("killed", new Life(1 + this.#roll(14), this.#roll(2) === 1));
      // Its lease has lapsed, and what it was saving.
      advance(CHECKPOINT_TIMES.claimMs + 60_000);
      await this.#carryOut("next");
      const { session } = await data.query(api.sandboxSessions.forServer, { sessionId });
      if (session.rewindId !== undefined) this.wrong.push(`${name} is still ordered`);
      // One whose program was killed may have been given up: then all is as it was.
      const isDone = (session.undoableId === undefined) === "undo" in to;
      if (!isDone && !isKilled) this.wrong.push(`${name} was given up`);
      const expected = isDone ? content : there;
      if (contentOf(this.#place.root) !== expected)
        this.wrong.push(`${name} in whose middle its server was killed is half done`);
      await this.#resumedTo(expected, name);
      if (!isDone) return;
    }
  }

  /** A sandbox that is lost now is brought to what is there. */
  async #resumedTo(content: string, what: string): Promise<void> {
    const { sessionId, base, programs } = this.#ground;
    const fresh = new Place(base, programs);
    const { data, store, ring } = this.#parts(new Life());
    await restoreSession(fresh.as(new Life()), sessionId, { data, store, ring });
    if (contentOf(fresh.root) !== content) this.wrong.push(`${what} is not what is saved after it`);
    fs.rmSync(path.dirname(fresh.root), { recursive: true, force: true });
  }

  /** Once all that may go is gone, each stored name is a row's, and each verified row's bytes are there. */
  async owners(): Promise<void> {
    const { data, sessionId, advance } = this.#ground;
    advance(4 * CHECKPOINT_TIMES.claimMs);
    await this.#heal();
    advance(4 * CHECKPOINT_TIMES.claimMs);
    const { items } = await data.query(api.due.stored, { now: Date.now() });
    for (const { checkpointId, storedAs } of items)
      await removeStored(checkpointId, storedAs, this.#parts(new Life()));
    const rows = (await data.query(api.checkpoints.stored, { sessionId })).map(({ storedAs }) =>
      storedName(storedAs),
    );
    const names = this.#store.names();
    for (const name of names) if (!rows.includes(name)) this.wrong.push(`${name} is stored, and nobody's`);
    for (const row of rows) if (!names.includes(row)) this.wrong.push(`${row} counts, and is not stored`);
  }
}

/** Plays a round. @returns what was wrong, and what was broken */
export async function checkpointRound(
  ground: Ground,
  seed: number,
): Promise<{ wrong: string[]; faults: string[] }> {
  const round = new Round(ground, seed);
  for (let turn = 0; turn < 3; turn += 1) await round.turn();
  await round.resume();
  await round.rewind();
  await round.orders();
  await round.owners();
  return round;
}
