// Looks after the time of a node: corrected by its neighbours', told to those whose writes are ahead of it, and watched for
// going back. [SYNC-013] [SYNC-015] [SYNC-016]
import type { Mesh } from "@p2p/mesh";
import type { Body, NodeId } from "@p2p/wire";
import { SyncError } from "./errors.js";
import { decodeClockAhead, encodeClockAhead } from "./messages/notices.js";
import { Notices } from "./notices.js";
import type { Replica } from "./replica.js";

/** How far time has to go back for the table to be looked through, in µs: less is no harm. */
const backUs = 1_000_000;

export class ClockWatch {
  readonly #mesh: Mesh;
  readonly #replica: Replica;
  readonly #told = new Notices(60_000);
  readonly #heard = new Notices(60_000);
  /** Physical time at the last look, and the monotonic one. */
  #wallUs: number;
  #wallMs: number;

  constructor(mesh: Mesh, replica: Replica) {
    this.#mesh = mesh;
    this.#replica = replica;
    this.#wallUs = replica.clock.physicalUs();
    this.#wallMs = mesh.node.seams.clock.monotonic();
  }

  /** A neighbour brought a record that is stamped too far in the future: it is told [SYNC-013]. */
  ahead(via: NodeId, origin: NodeId, stampUs: number): void {
    const { clock } = this.#mesh.node.seams;
    const neighbour = this.#mesh.node.connectionTo(via);
    if (neighbour === undefined || !this.#told.isDue(via, clock.monotonic())) return;
    neighbour.sendWhisper(encodeClockAhead({ origin, stampUs, nowUs: this.#replica.clock.physicalUs() }));
  }

  /** A neighbour says that writes are ahead of its time. @returns what to tell the application. @throws SyncError `bad-message` */
  heard(id: NodeId, items: Body["items"]): SyncError | undefined {
    const { origin, stampUs, nowUs } = decodeClockAhead(items);
    this.correct();
    if (origin !== this.#mesh.id || !this.#heard.isDue(id, this.#mesh.node.seams.clock.monotonic())) return undefined;
    const text = `${id} does not take this node's writes: they are ${(stampUs - nowUs) / 1_000_000} s ahead of its clock`;
    return new SyncError("clock-ahead", text, { peer: id });
  }

  /** By what the neighbours' clocks say now [SYNC-015]. */
  correct(): void {
    const offsets = this.#mesh.node.connections.flatMap(({ clockOffsetMs }) => clockOffsetMs ?? []);
    this.#replica.clock.correct(offsets);
  }

  /** Whether physical time went back since the last look, by itself or by a correction. To be called about every second. */
  lookBack(): boolean {
    const nowMs = this.#mesh.node.seams.clock.monotonic();
    const wallUs = this.#replica.clock.physicalUs();
    const isBack = wallUs - this.#wallUs < (nowMs - this.#wallMs) * 1_000 - backUs;
    this.#wallUs = wallUs;
    this.#wallMs = nowMs;
    return isBack;
  }
}
