// Sealed data, written from the chapter, with every part open to forging.
import type { DataChange, DataPlace, OpenedData } from "../../codec/sealed-target.js";
import { bigEndian, type Packable, pack } from "../msgpack.js";
import { Refusal } from "../refusal.js";
import { concat, isSameBytes, type Value } from "../value.js";
import { isSignature, publicKeyOf, signWith } from "./ed25519.js";
import { openOnce, readingKey, readingPair, sealOnce } from "./hpke.js";
import { hash, idOfKey, tag } from "./identity.js";
import { pairOf } from "./noise.js";
import { type SealedDefects, soundSealing } from "./sealed-defects.js";
import { contentKey, drawer, inOrder, isRising, partsOf, readContent } from "./sealed-message.js";
import { open, seal } from "./xchacha.js";

const text = (words: string): Uint8Array => new TextEncoder().encode(words);
export const dataMagic: Uint8Array = concat([text("p2p data"), Uint8Array.of(1)]);
const purpose = tag("sealed data");

/** What a version is made of. */
export interface DataVersion {
  readonly version: number | bigint;
  /** The owner's seed. */
  readonly seed: Uint8Array;
  /** Ed25519 keys, the owner's among them. */
  readonly readers: readonly Uint8Array[];
  readonly context: string;
  readonly secret: Uint8Array;
  /** Encrypted. */
  readonly content: Uint8Array;
  /** Makes the stanzas of those who have none. */
  readonly draw: () => Uint8Array;
  /** Stanzas that are there already. */
  readonly stanzaOf?: (reader: Uint8Array) => Uint8Array | undefined;
  readonly forged?: {
    readonly magic?: Uint8Array;
    readonly check?: Uint8Array;
    readonly keepsOrder?: boolean;
    /** Who signs in the place of the owner. */
    readonly signer?: Uint8Array;
    readonly zeroes?: boolean;
    /** For what is said to be the reader's place in the associated data. */
    readonly stanzas?: (made: readonly Uint8Array[]) => readonly Uint8Array[];
  };
}

const contentAd = (owner: Uint8Array, context: string, defects: SealedDefects): Uint8Array =>
  defects.has("data-content-alone") ? new Uint8Array(0) : concat([purpose, owner, text(context)]);

function useFor(
  reader: Uint8Array,
  { owner, check, context }: { readonly owner: Uint8Array; readonly check: Uint8Array; readonly context: string },
  defects: SealedDefects,
) {
  const named = defects.has("data-stanza-no-reader") ? new Uint8Array(0) : reader;
  return { info: purpose, aad: hash("sha256", purpose, owner, check, named, text(context)) };
}

const checkOf = (secret: Uint8Array, defects: SealedDefects): Uint8Array =>
  hash("sha256", defects.has("data-check-alone") ? new Uint8Array(0) : tag("content check"), secret);

function signedPart(head: Uint8Array, content: Uint8Array, context: string, defects: SealedDefects): Uint8Array {
  const place = defects.has("data-no-context") ? new Uint8Array(0) : text(context);
  return concat([purpose, hash("sha256", head), hash("sha256", content), place]);
}

export function encryptedContent(
  parts: Pick<DataVersion, "seed" | "context" | "secret"> & { readonly plain: Uint8Array },
  defects: SealedDefects = soundSealing,
): Uint8Array {
  const { seed, context, secret, plain } = parts;
  return seal(...contentKey(secret, defects), contentAd(publicKeyOf(seed), context, defects), plain);
}

export function makeVersion(parts: DataVersion, defects: SealedDefects = soundSealing): Uint8Array {
  const { version, seed, context, secret, content, draw, stanzaOf, forged = {} } = parts;
  const owner = publicKeyOf(seed);
  const readers = forged.keepsOrder === true ? parts.readers : inOrder(parts.readers, defects);
  const check = forged.check ?? checkOf(secret, defects);
  const made = readers.map((reader) => {
    const kept = stanzaOf?.(reader);
    if (kept !== undefined) return kept;
    const key = readingKey(reader, defects);
    if (key === undefined) throw new Refusal("bad-key");
    const use = useFor(reader, { owner, check, context }, defects);
    const zeroes = { secret: new Uint8Array(0), publicKey: new Uint8Array(32) };
    const how = forged.zeroes === true ? { ephemeral: zeroes, dh: new Uint8Array(32) } : { ephemeral: pairOf(draw()) };
    return sealOnce({ plaintext: secret, reader: key, ...use, ...how }, defects);
  });
  const numbers = concat([bigEndian(BigInt(version), 8), Uint8Array.of(readers.length >> 8, readers.length & 255)]);
  const stanzas = forged.stanzas?.(made) ?? made;
  const head = concat([forged.magic ?? dataMagic, numbers, owner, check, ...readers, ...stanzas]);
  const signature = signWith(forged.signer ?? seed, signedPart(head, content, context, defects));
  return concat([head, content, signature]);
}

export interface NewVersion {
  readonly data: Packable;
  readonly seed: Uint8Array;
  /** Besides the owner. */
  readonly readers: readonly Uint8Array[];
  readonly context: string;
  readonly draws: readonly Uint8Array[];
  readonly version?: number | bigint;
  readonly forged?: NonNullable<DataVersion["forged"]> & {
    readonly withoutOwner?: boolean;
    readonly content?: Uint8Array;
  };
}

/** A version under a new secret. */
export function sealData(parts: NewVersion, defects: SealedDefects = soundSealing): Uint8Array {
  const { data, seed, context, draws, version = 1, forged = {} } = parts;
  const draw = drawer(draws);
  const secret = draw();
  const plain = forged.content ?? pack(data);
  const content = encryptedContent({ seed, context, secret, plain }, defects);
  const readers = [...(forged.withoutOwner === true ? [] : [publicKeyOf(seed)]), ...parts.readers];
  return makeVersion({ version, seed, readers, context, secret, content, draw, forged }, defects);
}

interface Read {
  readonly version: number;
  readonly owner: Uint8Array;
  readonly check: Uint8Array;
  readonly readers: readonly Uint8Array[];
  readonly stanzas: readonly Uint8Array[];
  readonly content: Uint8Array;
}

function readData({ bytes, context, known }: DataPlace, defects: SealedDefects): Read {
  const bad = new Refusal("bad-sealed");
  if (bytes.length < 83) throw bad;
  if (!isSameBytes(bytes.subarray(0, 8), dataMagic.subarray(0, 8)) && !defects.has("data-any-magic")) throw bad;
  if (bytes[8] !== 1 && !defects.has("seal-any-version")) throw bad;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const version = view.getBigUint64(9);
  if (version === 0n && !defects.has("data-version-zero")) throw bad;
  if (version >= 2n ** 53n && !defects.has("data-large-version")) throw bad;
  const count = view.getUint16(17);
  if (count < 1 || (count > 256 && !defects.has("seal-any-readers"))) throw bad;
  const [stanzasAt, contentAt] = [83 + 32 * count, 83 + 112 * count];
  if (bytes.length < contentAt + 80) throw bad;
  const owner = bytes.subarray(19, 51);
  const readers = partsOf(bytes.subarray(83, stanzasAt), 32);
  if (!isRising(readers) && !defects.has("seal-readers-any-order") && !defects.has("seal-readers-as-given")) throw bad;
  const hasOwner = readers.some((reader) => isSameBytes(reader, owner));
  if (!hasOwner && !defects.has("data-without-owner")) throw bad;
  const [head, content] = [bytes.subarray(0, contentAt), bytes.subarray(contentAt, -64)];
  const isSigned = isSignature(owner, signedPart(head, content, context, defects), bytes.subarray(-64));
  if (!isSigned && !defects.has("data-not-verified")) throw new Refusal("sealed-forged");
  if (version < BigInt(known) && !defects.has("data-any-age")) throw new Refusal("stale-data");
  const stanzas = partsOf(bytes.subarray(stanzasAt, contentAt), 80);
  return { version: Number(version), owner, check: bytes.subarray(51, 83), readers, stanzas, content };
}

function secretFor(seed: Uint8Array, read: Read, context: string, defects: SealedDefects): Uint8Array {
  const at = read.readers.findIndex((key) => isSameBytes(key, publicKeyOf(seed)));
  const stanza = read.stanzas[at];
  if (stanza === undefined) throw new Refusal("not-a-reader");
  const use = useFor(publicKeyOf(seed), { ...read, context }, defects);
  const secret = openOnce(stanza, readingPair(seed, defects), use, defects);
  const isRight = secret !== undefined && isSameBytes(checkOf(secret, defects), read.check);
  if (secret === undefined || (!isRight && !defects.has("data-no-check"))) throw new Refusal("sealed-forged");
  return secret;
}

function dataOf(seed: Uint8Array, read: Read, context: string, defects: SealedDefects): Value {
  const secret = secretFor(seed, read, context, defects);
  const plain = open(...contentKey(secret, defects), contentAd(read.owner, context, defects), read.content);
  if (plain === undefined) throw new Refusal("sealed-forged");
  return readContent(plain, defects);
}

export function openData(place: DataPlace, seed?: Uint8Array, defects: SealedDefects = soundSealing): OpenedData {
  const read = readData(place, defects);
  return {
    version: read.version,
    owner: idOfKey(read.owner),
    readers: read.readers.map((key) => idOfKey(key)),
    data: seed && dataOf(seed, read, place.context, defects),
  };
}

export function changeData(
  place: DataPlace,
  seed: Uint8Array,
  change: DataChange,
  draws: readonly Uint8Array[],
  defects: SealedDefects = soundSealing,
): Uint8Array {
  const { context } = place;
  const known = defects.has("data-changes-old") ? 0 : place.known;
  const trusting: SealedDefects = defects.has("data-changes-any") ? new Set(["data-not-verified"]) : defects;
  const read = readData({ ...place, known }, trusting);
  if (!isSameBytes(read.owner, publicKeyOf(seed))) throw new Refusal("wrong-owner");
  const draw = drawer(draws);
  const old = secretFor(seed, read, context, defects);
  const stanzaOf = (key: Uint8Array): Uint8Array | undefined =>
    read.stanzas[read.readers.findIndex((reader) => isSameBytes(reader, key))];
  const isGrant = change.change === "grant";
  const isNew = isGrant && !read.readers.some((reader) => isSameBytes(reader, change.reader));
  const version = read.version + (isGrant && defects.has("data-grant-same-version") ? 0 : 1);
  const keeps =
    isGrant && !defects.has("data-grant-anew")
      ? true
      : (change.change === "revoke" && defects.has("data-revoke-keeps")) ||
        (change.change === "update" && defects.has("data-update-keeps"));
  const secret = keeps ? old : draw();
  const plain = change.change === "update" ? pack(change.data) : pack(dataOf(seed, read, context, defects));
  const content =
    keeps && change.change !== "update" ? read.content : encryptedContent({ seed, context, secret, plain }, defects);
  const others =
    change.change === "revoke" ? read.readers.filter((key) => !isSameBytes(key, change.reader)) : read.readers;
  const readers = isNew ? [...others, change.reader] : others;
  const parts = { version, seed, readers, context, secret, content, draw };
  return makeVersion(keeps ? { ...parts, stanzaOf } : parts, defects);
}
