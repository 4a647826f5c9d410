// Sealed messages, written from the chapter, with every part open to forging.
import type { OpenedMessage } from "../../codec/sealed-target.js";
import { type Packable, pack } from "../msgpack.js";
import { Refusal } from "../refusal.js";
import { unpack } from "../unpack.js";
import { concat, isSameBytes, toHex, type Value } from "../value.js";
import { publicKeyOf } from "./ed25519.js";
import { type Authenticated, agreed, openOnce, readingKey, readingPair, sealOnce } from "./hpke.js";
import { hash, idOfKey, tag } from "./identity.js";
import { type DhPair, pairOf } from "./noise.js";
import { type SealedDefects, soundSealing } from "./sealed-defects.js";
import { open, seal } from "./xchacha.js";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
export const messageMagic: Uint8Array = concat([text("p2p seal"), Uint8Array.of(1)]);
const purpose = tag("sealed message");

export const rising = (a: Uint8Array, b: Uint8Array): number =>
  toHex(a) < toHex(b) ? -1 : toHex(a) > toHex(b) ? 1 : 0;

/** The keys in the order of the chapter, none twice. */
export function inOrder(keys: readonly Uint8Array[], defects: SealedDefects = soundSealing): readonly Uint8Array[] {
  if (defects.has("seal-readers-as-given")) return keys;
  const sorted = [...keys].sort(rising);
  return sorted.filter((key, index) => index === 0 || toHex(sorted[index - 1] ?? key) !== toHex(key));
}

export function isRising(keys: readonly Uint8Array[]): boolean {
  return keys.every((key, index) => index === 0 || rising(keys[index - 1] ?? key, key) < 0);
}

/** Key and nonce of a content. */
export function contentKey(secret: Uint8Array, defects: SealedDefects): readonly [key: Uint8Array, nonce: Uint8Array] {
  const prefix = defects.has("seal-content-key") ? new Uint8Array(0) : tag("content key");
  return [hash("sha256", prefix, secret), new Uint8Array(12).fill(defects.has("seal-content-nonce") ? 1 : 0)];
}

/** One value and nothing behind it. */
export function readContent(content: Uint8Array, defects: SealedDefects): Value {
  try {
    return unpack(content);
  } catch (error) {
    if (error instanceof Refusal && !defects.has("seal-any-content")) throw new Refusal("bad-sealed");
    return null;
  }
}

/** The next of the draws. */
export function drawer(draws: readonly Uint8Array[]): () => Uint8Array {
  let next = 0;
  return () => {
    const drawn = draws[next++];
    if (drawn === undefined) throw new TypeError("more was drawn than was given");
    return drawn;
  };
}

export interface MessageParts {
  readonly data: Packable;
  readonly readers: readonly Uint8Array[];
  readonly seed?: Uint8Array;
  readonly context?: string;
  readonly isHidden?: boolean;
  readonly draws: readonly Uint8Array[];
  readonly forged?: {
    readonly magic?: Uint8Array;
    readonly flags?: number;
    /** The readers as they are given. */
    readonly keepsOrder?: boolean;
    /** Another sender, made with a reader's seed: who has it can seal for that reader in anybody's name. */
    readonly sender?: { readonly key: Uint8Array; readonly readerSeed: Uint8Array };
    /** In the place of the bytes of the value. */
    readonly content?: Uint8Array;
    /** The check of another content. */
    readonly checked?: Uint8Array;
    /** Encapsulates with zeroes, on which it agrees with everybody. */
    readonly zeroes?: boolean;
    readonly stanzas?: (made: readonly Uint8Array[]) => readonly Uint8Array[];
  };
}

function senderOf(parts: MessageParts, reader: Uint8Array, defects: SealedDefects): Authenticated | undefined {
  const { seed, forged } = parts;
  if (forged?.sender !== undefined) {
    const key = readingKey(forged.sender.key, new Set(["seal-any-key"])) ?? new Uint8Array(32);
    const pair = readingPair(forged.sender.readerSeed);
    return { key, dh: agreed(pair, key) ?? new Uint8Array(32) };
  }
  if (seed === undefined || defects.has("message-mode-base")) return undefined;
  const pair = readingPair(seed, defects);
  const dh = agreed(pair, reader, defects);
  if (dh === undefined) throw new Refusal("bad-key");
  return { key: pair.publicKey, dh };
}

function checkOf(secret: Uint8Array, blank: Uint8Array, context: string, content: Uint8Array, defects: SealedDefects) {
  const place = hash("sha256", purpose, blank, text(context));
  const rest = defects.has("message-check-alone") ? [] : [place, hash("sha256", content)];
  return hash("sha256", tag("content check"), secret, ...rest);
}

const bindingOf = (outline: Uint8Array, context: string): Uint8Array => hash("sha256", purpose, outline, text(context));
const infoOf = (defects: SealedDefects): Uint8Array => (defects.has("message-no-info") ? new Uint8Array(0) : purpose);
const contextOf = (context: string, defects: SealedDefects): string =>
  defects.has("message-any-context") ? "" : context;

export function sealMessage(parts: MessageParts, defects: SealedDefects = soundSealing): Uint8Array {
  const { data, seed, isHidden = false, draws, forged = {} } = parts;
  const context = contextOf(parts.context ?? "", defects);
  const readers = forged.keepsOrder === true ? parts.readers : inOrder(parts.readers, defects);
  const draw = drawer(draws);
  const [secret, content] = [draw(), forged.content ?? pack(data)];
  const sender = forged.sender?.key ?? (seed === undefined ? undefined : publicKeyOf(seed));
  const flags = forged.flags ?? (sender === undefined ? 0 : 1) + (isHidden ? 2 : 0);
  const head = [forged.magic ?? messageMagic, Uint8Array.of(flags, readers.length >> 8, readers.length & 255)];
  const keys = [...(sender === undefined ? [] : [sender]), ...(isHidden ? [] : readers)];
  const blank = concat([...head, new Uint8Array(32), ...keys]);
  const check = checkOf(secret, blank, context, forged.checked ?? content, defects);
  const outline = concat([...head, check, ...keys]);
  const use = { info: infoOf(defects), aad: bindingOf(outline, context) };
  let ephemeral: DhPair = { secret: new Uint8Array(0), publicKey: new Uint8Array(32) };
  const made = readers.map((reader, index) => {
    const key = readingKey(reader, defects);
    if (key === undefined) throw new Refusal("bad-key");
    if (forged.zeroes !== true && (index === 0 || !defects.has("seal-one-encapsulation"))) ephemeral = pairOf(draw());
    const rest = { ...use, ephemeral, reader: key, sender: senderOf(parts, key, defects) };
    return sealOnce(
      { plaintext: secret, ...rest, ...(forged.zeroes === true ? { dh: new Uint8Array(32) } : {}) },
      defects,
    );
  });
  if (isHidden && !defects.has("message-hidden-order")) made.sort(rising);
  const whole = concat([outline, ...(forged.stanzas?.(made) ?? made)]);
  const ad = defects.has("message-content-alone") ? [] : [whole, text(context)];
  return concat([whole, seal(...contentKey(secret, defects), concat(ad), content)]);
}

interface Read {
  readonly outline: Uint8Array;
  readonly head: Uint8Array;
  readonly sender: Uint8Array | undefined;
  readonly readers: readonly Uint8Array[];
  readonly isHidden: boolean;
  readonly stanzas: readonly Uint8Array[];
}

export function partsOf(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({ length: bytes.length / size }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

function readMessage(bytes: Uint8Array, defects: SealedDefects): Read {
  const bad = new Refusal("bad-sealed");
  if (bytes.length < 44) throw bad;
  if (!isSameBytes(bytes.subarray(0, 8), messageMagic.subarray(0, 8)) && !defects.has("message-any-magic")) throw bad;
  if (bytes[8] !== 1 && !defects.has("seal-any-version")) throw bad;
  const [flags = 0, high = 0, low = 0] = bytes.subarray(9, 12);
  if (flags > 3 && !defects.has("seal-any-flags")) throw bad;
  const isHidden = (flags & 2) !== 0;
  const count = high * 256 + low;
  if (count < 1 || (count > 256 && !defects.has("seal-any-readers"))) throw bad;
  if (isHidden && count > 16 && !defects.has("message-any-hidden")) throw bad;
  const readersAt = 44 + ((flags & 1) === 0 ? 0 : 32);
  const stanzasAt = readersAt + (isHidden ? 0 : 32 * count);
  const contentAt = stanzasAt + 80 * count;
  if (bytes.length < contentAt + 16) throw bad;
  const readers = partsOf(bytes.subarray(readersAt, stanzasAt), 32);
  const stanzas = partsOf(bytes.subarray(stanzasAt, contentAt), 80);
  if (!isRising(readers) && !defects.has("seal-readers-any-order") && !defects.has("seal-readers-as-given")) throw bad;
  const areRising = isRising(stanzas.map((stanza) => stanza.subarray(0, 32)));
  if (isHidden && !areRising && !defects.has("message-hidden-order")) throw bad;
  const sender = readersAt === 44 ? undefined : bytes.subarray(44, 76);
  return {
    outline: bytes.subarray(0, stanzasAt),
    head: bytes.subarray(0, contentAt),
    sender,
    readers,
    isHidden,
    stanzas,
  };
}

/** The stanzas that the reader tries. */
function ownStanzas({ readers, isHidden, stanzas }: Read, seed: Uint8Array, defects: SealedDefects) {
  if (isHidden) return defects.has("message-hidden-first") ? stanzas.slice(0, 1) : stanzas;
  const at = readers.findIndex((key) => isSameBytes(key, publicKeyOf(seed)));
  if (at < 0) throw new Refusal("not-a-reader");
  return defects.has("message-tries-all") ? stanzas : stanzas.slice(at, at + 1);
}

export function openMessage(
  seed: Uint8Array,
  bytes: Uint8Array,
  given: string,
  defects: SealedDefects = soundSealing,
): OpenedMessage {
  const context = contextOf(given, defects);
  const read = readMessage(bytes, defects);
  const { outline, head, readers, isHidden } = read;
  const forged = new Refusal("sealed-forged");
  const sender = read.sender === undefined || defects.has("message-mode-base") ? undefined : read.sender;
  const senderKey = sender && readingKey(sender, defects);
  if (sender !== undefined && senderKey === undefined) throw forged;
  const use = { info: infoOf(defects), aad: bindingOf(outline, context), sender: senderKey };
  const secret = ownStanzas(read, seed, defects)
    .map((stanza) => openOnce(stanza, readingPair(seed, defects), use, defects))
    .find((one) => one !== undefined);
  if (secret === undefined) throw forged;
  const ad = defects.has("message-content-alone") ? [] : [head, text(context)];
  const content = open(...contentKey(secret, defects), concat(ad), bytes.subarray(head.length));
  if (content === undefined) throw forged;
  const blank = outline.slice().fill(0, 12, 44);
  const check = checkOf(secret, blank, context, content, defects);
  if (!isSameBytes(check, outline.subarray(12, 44)) && !defects.has("message-no-check")) throw forged;
  return {
    data: readContent(content, defects),
    from: read.sender && idOfKey(read.sender),
    readers: isHidden ? undefined : readers.map((key) => idOfKey(key)),
  };
}
