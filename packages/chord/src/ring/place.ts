// A node's place in the ring: how it gets it, keeps it by rounds, and clears it of who is gone. [CHORD-010 to CHORD-020]
import type { NodeId } from "@p2p/wire";
import type { Contact } from "./contact.js";
import { listLength, type SizeEstimate } from "./density.js";
import { FarView } from "./far-view.js";
import { Joining } from "./joining.js";
import type { Neighbours } from "./neighbours.js";
import { Pace } from "./pace.js";
import type { RingCore } from "./ring-core.js";
import type { Role } from "./ring-events.js";

export class Place {
  readonly core: RingCore;
  readonly far: FarView;
  readonly joining: Joining;
  readonly pace: Pace;
  /** Who wants to take the place of a predecessor that is being probed. */
  claimant: Contact | undefined;
  #isConfirmed = false;

  constructor(core: RingCore) {
    this.core = core;
    this.far = new FarView(core);
    this.joining = new Joining(core);
    this.pace = new Pace(core);
  }

  get role(): Role {
    return this.core.role;
  }

  get neighbours(): Neighbours {
    return this.core.neighbours;
  }

  /** Whether the node has its place, and the member after it, if there is one, knows of it. */
  get isSettled(): boolean {
    return this.role !== "seeking" && (this.#isConfirmed || this.neighbours.head === undefined);
  }

  /** Members of the ring, this node included if it is one. */
  get size(): SizeEstimate {
    const { members } = this.far.circle;
    if (members === undefined) return this.core.density;
    return { members: members.length + (this.role === "member" ? 1 : 0), error: 0 };
  }

  /** The member after this node has answered it. @param isTold whether the application hears of a change anyway */
  confirm(isTold: boolean): void {
    if (!isTold && !this.#isConfirmed) this.core.effect({ kind: "changed" });
    this.#isConfirmed = true;
  }

  become(role: Role): void {
    if (this.role === role) return;
    this.core.role = role;
    this.#isConfirmed = false;
    this.core.effect({ kind: "role", role });
    if (role === "seeking") this.far.stop();
    else this.far.start();
    this.changed();
  }

  /** Stabilises, or seeks a place. */
  round(): void {
    const { head, predecessor } = this.neighbours;
    if (this.role === "seeking") {
      this.pace.stayShort();
      if (this.joining.seek()) this.become("member");
    } else if (head !== undefined) this.core.ask(head, "stabilise");
    else if (predecessor !== undefined) this.core.ask(predecessor, "adopt");
    else if (this.role === "client") this.become("seeking");
  }

  /** An attempt to join came to its end, or is under way. */
  joined(hasPlace: boolean | undefined): void {
    if (hasPlace === undefined) return;
    if (!hasPlace) {
      this.pace.soon();
      return;
    }
    const { head, predecessor } = this.neighbours;
    this.become(this.core.serves ? "member" : "client");
    if (this.core.serves && predecessor !== undefined) this.core.effect({ kind: "hint", to: predecessor });
    if (head !== undefined) this.core.ask(head, "stabilise");
  }

  /** The node is dead, or no member any more: flushed from everywhere. */
  gone(id: NodeId): void {
    const { neighbours } = this;
    const wasHead = neighbours.head?.id === id;
    const wasPredecessor = neighbours.predecessor?.id === id;
    const change = neighbours.drop(id, this.core.nowMs);
    if (wasPredecessor) neighbours.predecessor = this.claimant;
    if (this.claimant?.id === id || wasPredecessor) this.claimant = undefined;
    if (change !== "none") this.changed(change);
    this.far.drop(id);
    if (wasHead && this.role !== "seeking") this.round();
  }

  /** Lists, predecessor or role are others: tells so, and looks again soon if it is about who is near. */
  changed(change: "near" | "far" = "near"): void {
    const { neighbours } = this;
    if (this.core.options.listLength === undefined) {
      const wanted = listLength(Math.max(2, this.size.members));
      // Not back and forth with each estimate.
      if (wanted > neighbours.length || wanted < neighbours.length - 2) neighbours.length = wanted;
    }
    this.far.changed();
    this.core.effect({ kind: "changed" });
    if (change === "near") this.pace.hurry();
  }
}
