// What the dictionary sees of the ring: owners of positions, questions to nodes, and its own range. [CHORD-200]
import type { NodeId, WireValue } from "@p2p/wire";
import { nodeIdToBytes } from "@p2p/wire";
import type { AskEnd } from "./asks.js";
import { ChordError } from "./errors.js";
import type { Link } from "./link.js";
import { encodeQuestion } from "./messages/answer.js";
import type { Participant } from "./participant.js";
import type { Contact } from "./ring/contact.js";
import type { PositionRange, Ring as RingAccess, RingAnswerer, RingAskOptions } from "./ring-access.js";
import type { LookupFailure, LookupResult } from "./routing/lookup.js";

const failures: Readonly<Record<LookupFailure, string>> = {
  "no-members": "no member of the ring is linked; give a bootstrap address that answers, and wait for ready()",
  "too-many-open": "as many lookups are open as the limits allow; wait for some, or raise maxLookups",
  "lookup-failed": "the owner of the position was not found in time",
};

export class RingService implements RingAccess {
  readonly #participant: Participant;
  readonly #monotonic: () => number;
  readonly #listeners = new Set<() => void>();
  #answerer: RingAnswerer | undefined;
  /** Where the range began when the predecessor was last known; undefined while none ever was, and this node is not alone. */
  #after: Uint8Array | undefined;

  constructor(participant: Participant, monotonic: () => number) {
    this.#participant = participant;
    this.#monotonic = monotonic;
  }

  get self(): NodeId {
    return this.#participant.ring.self.id;
  }

  get range(): PositionRange | undefined {
    const { role, self } = this.#participant.ring;
    if (role !== "member" || this.#after === undefined) return undefined;
    return { after: this.#after, upTo: self.position };
  }

  get hasPredecessor(): boolean {
    return this.#participant.ring.neighbours.predecessor !== undefined;
  }

  get successors(): readonly NodeId[] {
    const { ring } = this.#participant;
    return ring.role === "member" ? ring.neighbours.successors.map(({ id }) => id) : [];
  }

  async lookup(
    position: Uint8Array,
    wanted: number,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly NodeId[]> {
    const known = this.#known(position, wanted);
    if (known !== undefined) return known;
    const { owner, successors } = await this.find(position, wanted, false, options.signal);
    return [owner.id, ...successors.map(({ id }) => id)];
  }

  /** @throws ChordError `no-members`, `lookup-failed`, `too-many-open`; `signal.reason` */
  find(position: Uint8Array, wanted: number, isTraced: boolean, signal?: AbortSignal): Promise<LookupResult> {
    const { lookups, driver } = this.#participant;
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const onAbort = (): void => {
        if (lookup !== undefined) lookups.giveUp(lookup);
        reject(signal?.reason);
      };
      const onEnd = (result: LookupResult | LookupFailure): void => {
        signal?.removeEventListener("abort", onAbort);
        if (typeof result === "string") reject(new ChordError(result, failures[result]));
        else resolve(result);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const lookup = lookups.start({ position, wanted, isTraced, onEnd });
      driver.watch();
    });
  }

  ask(node: NodeId, question: readonly WireValue[], options: RingAskOptions = {}): Promise<readonly WireValue[]> {
    if (node === this.self) return this.#askSelf(question);
    return new Promise((resolve, reject) => {
      const { signal } = options;
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      let requestId: number | undefined;
      let isOver = false;
      const end = (settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        signal?.removeEventListener("abort", onAbort);
        settle();
      };
      const onAbort = (): void => {
        if (requestId !== undefined) this.#participant.asks.forget(requestId);
        end(() => reject(signal?.reason));
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      const onEnd = (answer: AskEnd): void => {
        end(() => {
          if (answer === "timeout" || answer === "lost") {
            reject(new ChordError("no-answer", `no answer from ${node}: ${answer}`, { peer: node }));
          } else if (answer.isFailed) {
            reject(new ChordError("question-failed", `${node} could not answer`, { peer: node }));
          } else resolve(answer.values);
        });
      };
      this.#reach(node, (link) => {
        if (isOver) return;
        if (link === undefined) {
          const text = `${node} is not to be reached; perhaps it is down`;
          end(() => reject(new ChordError("unreachable", text, { peer: node })));
          return;
        }
        const { asks, driver } = this.#participant;
        const nowMs = this.#monotonic();
        link.usedAtMs = nowMs;
        requestId = asks.ask(link, (id) => encodeQuestion(id, question), onEnd, nowMs, options.timeoutMs);
        driver.watch();
        if (requestId !== undefined) return;
        const text = asks.isFull
          ? "as many questions are open as the limits allow; wait for some, or raise maxQuestions"
          : `the question is longer than ${node} takes, or its connection is closing`;
        end(() => reject(new ChordError(asks.isFull ? "too-many-open" : "unreachable", text, { peer: node })));
      });
    });
  }

  answer(answerer: RingAnswerer): void {
    this.#answerer = answerer;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The ring is another. */
  changed(): void {
    const { self, neighbours, role } = this.#participant.ring;
    const { predecessor, head } = neighbours;
    // Who comes back as a member stands between others than before.
    if (role !== "member") this.#after = undefined;
    else if (predecessor !== undefined) this.#after = predecessor.position;
    else if (head === undefined) this.#after = self.position;
    for (const listener of this.#listeners) listener();
  }

  /** Another node asks. */
  question(from: NodeId, question: readonly WireValue[], answer: (values?: readonly WireValue[]) => void): void {
    if (this.#answerer === undefined) answer();
    else {
      this.#answerer(from, question).then(
        (values) => answer(values),
        () => answer(),
      );
    }
  }

  async #askSelf(question: readonly WireValue[]): Promise<readonly WireValue[]> {
    if (this.#answerer === undefined)
      throw new ChordError("question-failed", "nobody answers here", { peer: this.self });
    return this.#answerer(this.self, question);
  }

  /** In a small ring, of which all members are linked, the answer is here. */
  #known(position: Uint8Array, wanted: number): readonly NodeId[] | undefined {
    const { ring, router } = this.#participant;
    const { members } = ring.far.circle;
    if (members === undefined || members.length === 0) return undefined;
    if (ring.role === "seeking" || router.table.size < members.length) return undefined;
    const route = router.route(position, false, []);
    if (route === undefined) return undefined;
    const owner = route === "own" ? ring.self : route.to;
    const all: Contact[] = ring.role === "member" ? [ring.self, ...members] : [...members];
    const index = all.findIndex(({ id }) => id === owner.id);
    if (index < 0) return undefined;
    const count = Math.min(all.length, 1 + wanted);
    const ids: NodeId[] = [];
    for (let step = 0; step < count; step++) ids.push((all[(index + step) % all.length] as Contact).id);
    return ids;
  }

  #reach(node: NodeId, onReached: (link: Link | undefined) => void): void {
    const { links, book } = this.#participant;
    const link = links.all.get(node);
    if (link !== undefined) {
      onReached(link);
      return;
    }
    const contact = book.get(node);
    if (contact !== undefined && contact.addresses.length > 0) links.reach(contact, onReached);
    else {
      this.find(nodeIdToBytes(node), 0, false).then(
        ({ owner }) => (owner.id === node ? links.reach(owner, onReached) : onReached(undefined)),
        () => onReached(undefined),
      );
    }
  }
}
