// Records: what passes over a channel after its handshake, sealed and opened; no channel, no clock [SEC-040] to [SEC-049].
import { SecureError } from "../errors.js";
import type { CipherState } from "../noise/cipher-state.js";
import { join } from "../primitives/join.js";
import { tagBytes } from "../primitives/primitives.js";

/** The first byte of every plaintext. */
export const recordKinds = { data: 0, end: 1, rekey: 2, close: 3 } as const;

export type RecordKind = keyof typeof recordKinds;

const kindNames = Object.keys(recordKinds) as readonly RecordKind[];

/** The longest ciphertext that 16 bits can tell. */
export const maxRecordBytes = 65_535;

/** The most data of one record. */
export const maxRecordData: number = maxRecordBytes - tagBytes - 1;

/** Ciphertext of less than a kind and a tag is none. */
const minRecordBytes = tagBytes + 1;

/** Up to here header, text and tag become one piece: a write of three costs more than the copy. */
const joinedBytes = 4_096;

const nothing: Uint8Array = new Uint8Array(0);

/** Where the plaintext of a record is put together: nothing of it is kept, and all of it happens in one call. */
const scratch = new Uint8Array(maxRecordData + 1);

/** Seals what is to be sent. */
export class RecordSealer {
  readonly #cipher: CipherState;
  #rekeyedAtMs: number;
  #rekeyedAtMessage = 0;
  readonly #limits: RekeyLimits;

  /** @param nowMs monotonic, as in every call */
  constructor(cipher: CipherState, limits: RekeyLimits, nowMs: number) {
    this.#cipher = cipher;
    this.#limits = limits;
    this.#rekeyedAtMs = nowMs;
  }

  /** Data in as few records as hold it. @returns bytes to send, in pieces */
  data(chunks: readonly Uint8Array[], nowMs: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    let filled = 1;
    for (const chunk of chunks) {
      let rest = chunk;
      while (filled + rest.length > scratch.length) {
        const fitting = scratch.length - filled;
        scratch.set(rest.subarray(0, fitting), filled);
        this.#seal(recordKinds.data, scratch.length, nowMs, out);
        rest = rest.subarray(fitting);
        filled = 1;
      }
      scratch.set(rest, filled);
      filled += rest.length;
    }
    if (filled > 1) this.#seal(recordKinds.data, filled, nowMs, out);
    return out;
  }

  /** The last record of a side that has nothing more to say, or that says why it closes. */
  last(kind: "end" | "close", body: Uint8Array, nowMs: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    scratch.set(body, 1);
    this.#seal(recordKinds[kind], body.length + 1, nowMs, out);
    return out;
  }

  #seal(kind: number, length: number, nowMs: number, out: Uint8Array[]): void {
    const isDue =
      this.#cipher.messages - this.#rekeyedAtMessage >= this.#limits.rekeyAfterRecords ||
      nowMs - this.#rekeyedAtMs >= this.#limits.rekeyAfterMs;
    if (isDue) {
      pushFramed(out, this.#cipher.seal(nothing, [Uint8Array.of(recordKinds.rekey)]));
      this.#cipher.rekey();
      this.#rekeyedAtMessage = this.#cipher.messages;
      this.#rekeyedAtMs = nowMs;
    }
    scratch[0] = kind;
    pushFramed(out, this.#cipher.seal(nothing, [scratch.subarray(0, length)]));
  }
}

/** When a side replaces its key [SEC-045]. */
export interface RekeyLimits {
  /** Records under one key. Default: 2^32. */
  readonly rekeyAfterRecords: number;
  /** Age of a key in ms; looked at when something is sent. Default: 3,600,000. */
  readonly rekeyAfterMs: number;
}

export interface OpenedRecord {
  readonly kind: RecordKind;
  /** The plaintext after the kind. */
  readonly body: readonly Uint8Array[];
}

/** Opens what came. */
export class RecordOpener {
  readonly #cipher: CipherState;

  constructor(cipher: CipherState) {
    this.#cipher = cipher;
  }

  /** @throws SecureError `bad-record`, `record-forged`: nothing after it can be trusted */
  open(sealed: readonly Uint8Array[]): OpenedRecord {
    if (lengthOf(sealed) < minRecordBytes) {
      throw new SecureError("bad-record", `a record of less than ${minRecordBytes} bytes; the connection is closed`);
    }
    const opened = this.#cipher.open(nothing, sealed);
    if (opened === undefined) {
      throw new SecureError("record-forged", "a record was altered, repeated, left out or reordered on its way");
    }
    const index = opened.findIndex((part) => part.length > 0);
    const first = opened[index];
    const kind = kindNames[first?.[0] ?? -1];
    if (first === undefined || kind === undefined) throw badKind();
    const body = [first.subarray(1), ...opened.slice(index + 1)];
    if ((kind === "rekey" || kind === "end") && lengthOf(body) > 0) throw badKind();
    if (kind === "rekey") this.#cipher.rekey();
    return { kind, body };
  }
}

function badKind(): SecureError {
  return new SecureError("bad-record", "a record of a kind that there is not; one of the two nodes has to be updated");
}

/** Puts the length in front. */
function pushFramed(out: Uint8Array[], sealed: readonly Uint8Array[]): void {
  const length = lengthOf(sealed);
  const header = Uint8Array.of(length >>> 8, length & 255);
  if (length <= joinedBytes) out.push(join([header, ...sealed]));
  else out.push(header, ...sealed);
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}
