// Writes letters and takes them: sealing, opening, and whether each is new [SEC-230] to [SEC-234].
import type { Random } from "@p2p/base";
import type { NodeId, WireValue } from "@p2p/wire";
import { SecureError } from "../errors.js";
import type { Identity } from "../identity/identity.js";
import { seal, unseal } from "../sealed/sealed-message.js";
import { ReplayWindows } from "../signed/replay-windows.js";
import type { ReceivedLetter } from "./events.js";
import { decodeLetter, encodeLetter, letterContext, takeOnce } from "./letters.js";

export interface PostOptions {
  readonly identity: Identity;
  readonly network: string;
  readonly random: Random;
  readonly freshnessMs: number;
  /** Above all numbers that this identity gave letters before, µs since 1970. */
  readonly firstNumber: number;
}

export class Post {
  readonly #options: PostOptions;
  readonly #context: string;
  readonly #windows = new ReplayWindows();
  #number: number;

  constructor(options: PostOptions) {
    this.#options = options;
    this.#context = letterContext(options.network);
    this.#number = options.firstNumber;
  }

  /** @param to public keys. @param nowMs wall clock. @throws RangeError, WireError, SecureError `bad-key` */
  write(to: readonly Uint8Array[], type: string, data: WireValue, isSigned: boolean, nowMs: number): Uint8Array {
    const { identity, random } = this.#options;
    const letter = { type, data, number: this.#number++, time: Math.floor(nowMs * 1_000) };
    const value = encodeLetter(letter, this.#context, isSigned ? identity : undefined);
    return seal(value, { to, from: identity, context: this.#context, random });
  }

  /**
   * @param bringer the sender of the message that brought it, which no other may bring
   * @throws SecureError `bad-sealed`, `not-a-reader`, `sealed-forged`, `wrong-sender`, `message-stale`, `message-replayed`
   */
  take(bytes: WireValue, bringer: NodeId, nowMs: number): ReceivedLetter {
    if (!(bytes instanceof Uint8Array)) throw new SecureError("bad-sealed", "not a letter: it is not bytes");
    const { identity, freshnessMs } = this.#options;
    const { data, fromKey, readers } = unseal(bytes, { identity, from: bringer, context: this.#context });
    if (fromKey === undefined || readers === undefined)
      throw new SecureError("bad-sealed", "a letter names its readers");
    const letter = decodeLetter(data, this.#context, fromKey);
    takeOnce(this.#windows, bringer, letter, nowMs, freshnessMs);
    const { type, time, proof } = letter;
    return { type, data: letter.data, time, proof, from: bringer, readers };
  }
}

/** Errors that somebody is to blame for: what came is not what its sender sent. */
export function isForgery({ code }: SecureError): boolean {
  return code === "sealed-forged" || code === "wrong-sender";
}
