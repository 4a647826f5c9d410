// What neighbours send: each message goes to the part of the node that it concerns. [CHORD-050 to CHORD-056]
import { flags, type WireValue } from "@p2p/wire";
import type { Asks } from "./asks.js";
import type { Link } from "./link.js";
import { answerStatus, decodeAnswer, encodeAnswer } from "./messages/answer.js";
import { decodeFind, decodeFound } from "./messages/find.js";
import type { ReadContact } from "./messages/items.js";
import { decodeNeighbourhoodAsk } from "./messages/neighbourhood.js";
import { decodeHint, decodeLeave } from "./messages/notices.js";
import { decodeStanding } from "./messages/standing.js";
import type { Ring } from "./ring/ring.js";
import type { RingDriver } from "./ring-driver.js";
import type { Lookups } from "./routing/lookups.js";
import type { Relays } from "./routing/relays.js";
import type { Router } from "./routing/router.js";
import type { ServedQuestions } from "./served-questions.js";

const { subtypes } = flags;

/** The messages of a ring. */
export const ringSubtypes: readonly number[] = [
  subtypes.standing,
  subtypes.question,
  subtypes.answer,
  subtypes.neighbourhood,
  subtypes.find,
  subtypes.found,
  subtypes.hint,
  subtypes.leave,
];

export interface IncomingParts {
  readonly ring: Ring;
  readonly router: Router;
  readonly asks: Asks;
  readonly lookups: Lookups;
  readonly relays: Relays;
  readonly driver: RingDriver;
  readonly questions: ServedQuestions;
  readonly readContactFrom: (link: Link) => ReadContact;
  readonly monotonic: () => number;
  /** A neighbour told its standing. */
  readonly stood: (link: Link) => void;
}

export class Incoming {
  readonly #parts: IncomingParts;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
  }

  /** @param items of a body whose subtype is one of {@link ringSubtypes} @throws ChordError `bad-message` */
  take(link: Link, items: readonly WireValue[]): void {
    switch (items[0]) {
      case subtypes.question:
        this.#parts.questions.take(link, items);
        return;
      case subtypes.answer:
        this.#parts.asks.answered(link, decodeAnswer(items), this.#parts.monotonic());
        return;
      case subtypes.find:
        this.#parts.relays.find(link, decodeFind(items), this.#parts.monotonic());
        this.#parts.driver.watch();
        return;
      case subtypes.found: {
        const found = decodeFound(items, this.#parts.readContactFrom(link));
        if (!this.#parts.relays.found(link, found)) this.#parts.lookups.found(link, found);
        return;
      }
      case subtypes.neighbourhood:
        this.#neighbourhood(link, items);
        return;
      case subtypes.standing:
        this.#standing(link, items);
        return;
      case subtypes.hint: {
        const candidate = decodeHint(items, this.#parts.readContactFrom(link));
        if (link.takes(this.#parts.monotonic())) this.#parts.driver.step({ kind: "hinted", candidate });
        return;
      }
      default: {
        const predecessor = decodeLeave(items, this.#parts.readContactFrom(link));
        if (link.takes(this.#parts.monotonic())) this.#parts.driver.step({ kind: "left", id: link.id, predecessor });
      }
    }
  }

  #standing(link: Link, items: readonly WireValue[]): void {
    const standing = decodeStanding(items);
    link.standing = standing;
    if (standing.role === "member") this.#parts.router.table.add(link.contact);
    else this.#parts.router.table.remove(link.contact);
    this.#parts.router.clear(link.id);
    this.#parts.driver.step({ kind: "linked", peer: link.contact, ...standing });
    this.#parts.stood(link);
  }

  #neighbourhood(link: Link, items: readonly WireValue[]): void {
    const ask = decodeNeighbourhoodAsk(items);
    const { neighbourhood: narrow, wideNeighbourhood: wide } = this.#parts.ring;
    const values = this.#parts.driver.tellings.answer(ask, { narrow, wide });
    link.send(encodeAnswer(ask.requestId, answerStatus.answered, values));
    if (ask.notifies && link.standing?.role === "member")
      this.#parts.driver.step({ kind: "notified", by: link.contact });
  }
}
