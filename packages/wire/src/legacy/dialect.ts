// The three ways in which 0.7 nodes put base58 texts on the wire. [WIRE-130]
import { WireError } from "../errors.js";

const isAscii = /^[\0-\x7f]*$/;

/** A msgpack type: byte string or text. */
export type TextForm = "bin" | "str";

/** What a node mirrors on a link, as the peer's handshake showed it. */
export interface Dialect {
  /** Senders, node ids and names of chord tables. */
  readonly nodeIds: TextForm;
  /** Network ids and base58 keys of chord. */
  readonly networkIds: TextForm;
}

/** The dialects of the three originals. */
export const dialects: Readonly<Record<"bin" | "mixed" | "str", Dialect>> = {
  /** py2p 0.7.878. */
  bin: { nodeIds: "bin", networkIds: "bin" },
  /** py2p 0.7.870. */
  mixed: { nodeIds: "bin", networkIds: "str" },
  /** js2p 0.7.870. */
  str: { nodeIds: "str", networkIds: "str" },
};

/** The dialect of a peer, from node id and network id of its handshake. */
export function dialectOf(nodeId: string | Uint8Array, networkId: string | Uint8Array): Dialect {
  return { nodeIds: formOf(nodeId), networkIds: formOf(networkId) };
}

/** A base58 text in the form that a dialect has for it. */
export function toForm(text: string, form: TextForm): string | Uint8Array {
  return form === "str" ? text : new TextEncoder().encode(text);
}

/**
 * The text of an id in either form.
 *
 * @throws {@link WireError} `bad-base58` if it is not text of ASCII characters.
 */
export function fromForm(value: unknown): string {
  const text = value instanceof Uint8Array ? new TextDecoder().decode(value) : value;
  // Bytes that are not ASCII do not decode to it.
  if (typeof text !== "string" || !isAscii.test(text)) throw new WireError("bad-base58", "not an id");
  return text;
}

function formOf(value: string | Uint8Array): TextForm {
  return typeof value === "string" ? "str" : "bin";
}
