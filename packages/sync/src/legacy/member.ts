// One member of a 0.7 network: links, dialects, peers, relaying and the table; bytes and time in, effects out.
// [SYNC-301 to SYNC-312]
import { flags, WireError } from "@p2p/wire";
import {
  type Decoded07,
  type Dialect,
  decodeBody07,
  dialectOf,
  encodeFrame07,
  frame07,
  toForm,
  type Value07,
} from "@p2p/wire/legacy";
import type { LegacyEffects, MemberOptions } from "./effects.js";
import {
  deltaItems,
  handshakeItems,
  idText,
  type Legacy,
  type Member07,
  noCompressionItems,
  peersItems,
  readLegacy,
  stateItems,
  storeItems,
} from "./messages.js";
import { isTrapOfJavaScript, mayHear } from "./neighbour-safety.js";
import { isTimely, LegacySeen } from "./seen.js";
import { LegacyTable, type LegacyWrite, type Outcome } from "./table.js";

const { broadcast, renegotiate, whisper } = flags.mainTypes;
/** What precedes the msgpack bytes of a frame: its length and the checksum. */
const checksumStart = 4;
const checksumEnd = 36;

interface Link {
  /** Whom this node dialled, where it knows. */
  readonly dialled: Member07 | "bootstrap" | undefined;
  hasSpoken: boolean;
  dialect: Dialect | undefined;
  /** Set by the peer's handshake. */
  peer: Member07 | undefined;
}

export class LegacyMember {
  readonly #options: MemberOptions;
  readonly #effects: LegacyEffects;
  readonly #links = new Map<number, Link>();
  readonly #byId = new Map<string, number>();
  readonly #dialling = new Set<string>();
  readonly #seen: LegacySeen;
  readonly table: LegacyTable;
  /** One for all broadcasts, as an owner is compared by its bytes; the first peer decides. [SYNC-302] */
  #ownForm: Dialect["nodeIds"] | undefined;

  constructor(options: MemberOptions, effects: LegacyEffects) {
    this.#options = options;
    this.#effects = effects;
    this.#seen = new LegacySeen(options.limits.maxSeen);
    this.table = new LegacyTable(options.leases, options.limits);
  }

  /** Ids of the linked members. */
  get peers(): readonly string[] {
    return [...this.#byId.keys()];
  }

  /** A link is open. Whoever was there before 1.0 speaks first, so this node waits. [SYNC-301] */
  linkOpened(number: number, dialled?: Member07 | "bootstrap"): void {
    if (typeof dialled === "object") this.#dialling.delete(placeOf(dialled));
    this.#links.set(number, { dialled, hasSpoken: false, dialect: undefined, peer: undefined });
  }

  /** The peer said nothing for a while: it waits too. */
  linkSilent(number: number, nowMs: number): void {
    const link = this.#links.get(number);
    if (link !== undefined && !link.hasSpoken) this.#speak(number, link, this.#options.dialect, nowMs);
  }

  /** Whether the peer has not said who it is. */
  isStranger(number: number): boolean {
    return this.#links.get(number)?.peer === undefined;
  }

  linkClosed(number: number): void {
    const link = this.#links.get(number);
    this.#links.delete(number);
    // Another link with the same peer may have taken its place.
    if (link?.peer === undefined || this.#byId.get(link.peer.id) !== number) return;
    this.#byId.delete(link.peer.id);
    this.#effects.unlinked(link.peer.id);
  }

  dialFailed(member: Member07): void {
    this.#dialling.delete(placeOf(member));
  }

  /** The body of a frame. [SYNC-301 to SYNC-308] */
  received(number: number, body: Uint8Array, nowMs: number): void {
    const link = this.#links.get(number);
    if (link === undefined) return;
    const decoded = this.#decode(number, body);
    if (decoded === undefined) return;
    const legacy = readLegacy(decoded.message);
    if (legacy.kind === "handshake") this.#meet(number, link, legacy, nowMs);
    else if (link.peer === undefined) return;
    else if (decoded.message.type === broadcast) this.#hear(number, decoded, legacy, nowMs);
    else this.#listen(number, link, legacy, nowMs);
  }

  /** Writes a value of this node's own; null deletes. @returns what became of it; unless written it changed nothing */
  store(key: string, value: Value07, nowMs: number): Outcome | "unsafe" {
    if (value === null && this.#hasTextPeer()) return "unsafe";
    return this.#write(storeItems(key, value), nowMs);
  }

  /** Merges fields of this node's own. @returns what became of it; unless written it changed nothing */
  merge(key: string, fields: Readonly<Record<string, Value07>>, nowMs: number): Outcome {
    return this.#write(deltaItems(key, fields), nowMs);
  }

  #decode(number: number, body: Uint8Array): Decoded07 | undefined {
    try {
      return decodeBody07(body, this.#options.wireLimits);
    } catch (error) {
      if (!(error instanceof WireError)) throw error;
      // A sound frame with a time that is no whole number goes no further; the link is not to blame for it.
      if (error.code !== "bad-body") this.#effects.close(number);
      return undefined;
    }
  }

  #meet(number: number, link: Link, handshake: Legacy & { kind: "handshake" }, nowMs: number): void {
    const { member, networkId, idOnWire, networkIdOnWire } = handshake;
    // js2p says it twice.
    if (link.peer?.id === member.id) return;
    const isStrange = networkId !== this.#options.networkId || link.peer !== undefined;
    if (isStrange || member.id === this.#options.self.id || this.#isSpare(link, member)) {
      this.#effects.close(number);
      return;
    }
    const before = this.#byId.get(member.id);
    this.#byId.set(member.id, number);
    if (before !== undefined) this.#effects.close(before);
    const dialect = dialectOf(idOnWire, networkIdOnWire);
    this.#ownForm ??= dialect.nodeIds;
    link.dialect = dialect;
    link.peer = member;
    if (!link.hasSpoken) this.#speak(number, link, dialect, nowMs);
    this.#tellPeers(number, link, nowMs);
    this.#effects.stream(number, this.#state(dialect, secondsOf(nowMs)));
    if (before === undefined) this.#effects.linked(member.id);
  }

  /** Of two links with one peer both sides keep the one that the larger id dialled. [SYNC-312] */
  #isSpare({ dialled }: Link, { id }: Member07): boolean {
    const other = this.#byId.get(id);
    if (other === undefined) return false;
    const isOurs = dialled !== undefined;
    if ((this.#links.get(other)?.dialled !== undefined) === isOurs) return true;
    return isLarger(this.#options.self.id, id) !== isOurs;
  }

  #speak(number: number, link: Link, dialect: Dialect, nowMs: number): void {
    link.hasSpoken = true;
    this.#whisper(number, dialect, handshakeItems(this.#options.self, this.#options.networkId, dialect), nowMs);
  }

  /** js2p takes one member that it does not know; of two it loses the link. [SYNC-310] */
  #tellPeers(number: number, link: Link, nowMs: number): void {
    if (link.dialect === undefined) return;
    const others = [...this.#links.values()].flatMap(({ peer }) =>
      peer === undefined || peer === link.peer ? [] : [peer],
    );
    const told = link.dialect.nodeIds === "str" ? others.slice(0, 1) : others;
    this.#whisper(number, link.dialect, peersItems(told, link.dialect), nowMs);
  }

  /** One message a key, for who joins late. [SYNC-307] */
  *#state(dialect: Dialect, seconds: number): Generator<Uint8Array> {
    for (const [key, { value, ownerOnWire, time }] of this.table.entries()) {
      if (dialect.nodeIds === "str" && isTrapOfJavaScript(key)) continue;
      yield this.#frame(
        whisper,
        toForm(this.#options.self.id, dialect.nodeIds),
        seconds,
        stateItems(key, value, ownerOnWire, time),
      );
    }
  }

  #listen(number: number, link: Link, legacy: Legacy, nowMs: number): void {
    switch (legacy.kind) {
      case "peers":
        this.#dialSome(legacy.members);
        return;
      case "peersWanted":
        this.#tellPeers(number, link, nowMs);
        return;
      case "renegotiation":
        if (link.dialect !== undefined) this.#send(number, renegotiate, link.dialect, noCompressionItems, nowMs);
        return;
      case "state":
        this.#adopt(legacy, nowMs);
        return;
      default:
        return;
    }
  }

  #dialSome(members: readonly Member07[]): void {
    const { self, limits } = this.#options;
    for (const member of members) {
      const outgoing = [...this.#links.values()].filter(({ dialled }) => dialled !== undefined).length;
      if (outgoing + this.#dialling.size >= limits.maxOutgoing) return;
      const isSelf = member.id === self.id || placeOf(member) === placeOf(self);
      if (isSelf || member.port === 0 || this.#byId.has(member.id) || this.#dialling.has(placeOf(member))) continue;
      this.#dialling.add(placeOf(member));
      this.#effects.dial(member);
    }
  }

  #adopt({ key, value, owner, ownerOnWire, time }: Legacy & { kind: "state" }, nowMs: number): void {
    if (!this.#isKey(key) || !isTimely(Math.max(time, secondsOf(nowMs)), secondsOf(nowMs))) return;
    const bytes = this.#frame(whisper, "", 0, stateItems(key, value, ownerOnWire, time)).length;
    if (this.table.adopt({ key, owner, ownerOnWire, time, bytes }, value) !== "written") return;
    this.#effects.changed({ kind: "update", key, newValue: value, oldValue: undefined, owner, time });
  }

  /** A broadcast: once, to all but where it came from, and into the table. [SYNC-303] */
  #hear(from: number, decoded: Decoded07, legacy: Legacy, nowMs: number): void {
    const { message, checksum, packed } = decoded;
    if (!isTimely(message.time, secondsOf(nowMs)) || !this.#seen.add(hexOf(checksum))) return;
    const outcome = this.#apply(decoded, legacy, nowMs);
    const origin = idText(message.sender);
    const frame = frame07(packed);
    for (const [number, link] of this.#links) {
      if (number === from || link.peer === undefined || link.peer.id === origin) continue;
      if (mayHear(link.dialect, legacy, outcome)) this.#effects.send(number, frame);
    }
  }

  #write(items: readonly Value07[], nowMs: number): Outcome {
    const form = this.#ownForm ?? this.#options.dialect.nodeIds;
    const sender = toForm(this.#options.self.id, form);
    let seconds = secondsOf(nowMs);
    let frame = this.#frame(broadcast, sender, seconds, items);
    // Two equal messages of one second would be one. [SYNC-311]
    while (this.#seen.has(hexOf(frame.subarray(checksumStart, checksumEnd)))) {
      seconds += 1;
      frame = this.#frame(broadcast, sender, seconds, items);
    }
    // Read back: what is kept is what peers get, and no object of the caller's.
    const decoded = decodeBody07(frame.subarray(checksumStart), this.#options.wireLimits);
    const legacy = readLegacy(decoded.message);
    const outcome = this.#apply(decoded, legacy, nowMs);
    if (outcome !== "written" && outcome !== "deleted") return outcome;
    this.#seen.add(hexOf(decoded.checksum));
    for (const [number, link] of this.#links) {
      if (link.peer !== undefined && mayHear(link.dialect, legacy, outcome)) this.#effects.send(number, frame);
    }
    return outcome;
  }

  /** @returns "written" for what is not about the table */
  #apply({ message, packed }: Decoded07, legacy: Legacy, nowMs: number): Outcome {
    if (legacy.kind !== "store" && legacy.kind !== "delta") return "written";
    const owner = idText(message.sender);
    const { key } = legacy;
    if (owner === undefined || !this.#isKey(key)) return "leased";
    const before = this.table.get(key)?.value;
    const write: LegacyWrite = {
      key,
      owner,
      ownerOnWire: message.sender,
      time: message.time,
      bytes: packed.length,
    };
    const seconds = secondsOf(nowMs);
    const outcome =
      legacy.kind === "store"
        ? this.table.store(write, legacy.value, seconds)
        : this.table.merge(write, legacy.fields, seconds);
    if (outcome === "written" || outcome === "deleted") {
      const kind = outcome === "written" ? "update" : "delete";
      const newValue = this.table.get(key)?.value;
      this.#effects.changed({ kind, key, newValue, oldValue: before, owner, time: message.time });
    }
    return outcome;
  }

  #isKey(key: string): boolean {
    return key.length > 0 && byteLengthOf(key) <= this.#options.limits.maxKeyBytes;
  }

  #hasTextPeer(): boolean {
    return [...this.#links.values()].some(({ dialect }) => dialect?.nodeIds === "str");
  }

  #whisper(number: number, dialect: Dialect, items: readonly Value07[], nowMs: number): void {
    this.#send(number, whisper, dialect, items, nowMs);
  }

  #send(number: number, type: number, dialect: Dialect, items: readonly Value07[], nowMs: number): void {
    const sender = toForm(this.#options.self.id, dialect.nodeIds);
    this.#effects.send(number, this.#frame(type, sender, secondsOf(nowMs), items));
  }

  #frame(type: number, sender: string | Uint8Array, time: number, items: readonly Value07[]): Uint8Array {
    return encodeFrame07({ type, sender, time, items }, { limits: this.#options.wireLimits });
  }
}

/** Compares base58 texts as the numbers that they are. */
function isLarger(id: string, other: string): boolean {
  return id.length === other.length ? id > other : id.length > other.length;
}

function placeOf({ host, port }: Member07): string {
  return `${host} ${port}`;
}

function secondsOf(nowMs: number): number {
  return Math.floor(nowMs / 1_000);
}

function byteLengthOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

function hexOf(bytes: Uint8Array): string {
  let hex = "";
  for (const byte of bytes) hex += byte.toString(16).padStart(2, "0");
  return hex;
}
