// A layer between the suite and a node that makes a sound node look broken in one way: the node with it is the mutant.
import type { NodeOptions } from "../driver/node-options.js";
import type { Answer, Command, CommandFailure, Report } from "../driver/protocol.js";
import type { NoiseParameters } from "../reference/secure/noise.js";
import type { Value } from "../reference/value.js";
import type { Message } from "./message.js";

/** One connection of the suite to the node, as the layer sees it. */
export interface Link {
  /** Order of the connection in its case, from 0. */
  readonly index: number;
  /** Free for the layer to remember what it saw. */
  readonly memory: Map<string, unknown>;
  /** All links of the case so far. */
  readonly siblings: readonly Link[];
  /** Puts bytes before the suite as if the node had written them. */
  toSuite(bytes: Uint8Array): void;
  /** Puts bytes before the node as if the suite had written them. */
  toNode(bytes: Uint8Array): void;
  /** Ends the connection towards the suite as if the node had ended it. */
  endToSuite(): void;
}

/** Each member that is absent changes nothing. */
export interface Interference {
  /** Opens the node with other options. */
  options?(options: NodeOptions): NodeOptions;
  /** What reaches the node of bytes that the suite wrote; `message` when they are one frame with a readable body. */
  toNode?(bytes: Uint8Array, message: Message | undefined, link: Link): readonly Uint8Array[];
  /** The same for a piece of a frame, in cases about cut bytes. */
  toNodePiece?(piece: Uint8Array, link: Link): readonly Uint8Array[];
  /** What reaches the suite of a frame that the node wrote. */
  toSuite?(frame: Uint8Array, message: Message | undefined, link: Link): readonly Uint8Array[];
  /** True hides from the suite that the node ended the connection. */
  hidesEnd?(link: Link): boolean;
  /** Commands to the driver. */
  command?(command: Command): Command;
  /** Replaces what a command came to. */
  answer?(command: Command, ok: unknown): unknown;
  /** Replaces an error that a command came to: return an Answer with `ok` or `error`. */
  failure?(command: Command, error: CommandFailure): Pick<Answer, "ok" | "error">;
  /** What the node takes a handshake of Noise to be, seen from the suite: the suite plays it so. */
  noise?(wanted: NoiseParameters): NoiseParameters;
  /** What the node says in a handshake message, `hash` being what its signature is over. */
  payload?(told: { readonly [name: string]: Value }, hash: Uint8Array): { readonly [name: string]: Value };
  /** What reaches the node of the plaintext of a record. */
  recordToNode?(plaintext: Uint8Array, link: Link): readonly Uint8Array[];
  /** What reaches the suite of the plaintext of a record that the node wrote. */
  recordToSuite?(plaintext: Uint8Array, link: Link): readonly Uint8Array[];
  /** What reaches the suite of a report. */
  report?(report: Report): readonly Report[];
}

export const noInterference: Interference = {};
