// Loads the vectors of other implementations of Noise for tests: JSON, under the names that the originals have. A file without vectors fails.
import { readFileSync } from "node:fs";

const folder = new URL("../../../../spec/vectors/securenode/noise/", import.meta.url);

/** One handshake with what followed it; all bytes in hexadecimal text. */
export interface NoiseVector {
  readonly protocol_name: string;
  readonly init_prologue: string;
  readonly init_psks?: readonly string[];
  readonly init_static: string;
  readonly init_ephemeral: string;
  readonly resp_prologue: string;
  readonly resp_psks?: readonly string[];
  readonly resp_static: string;
  readonly resp_ephemeral: string;
  readonly handshake_hash?: string;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

export function noiseVectors(name: "cacophony" | "snow"): readonly NoiseVector[] {
  const { vectors } = JSON.parse(readFileSync(new URL(`${name}.txt`, folder), "utf8")) as {
    readonly vectors: readonly NoiseVector[];
  };
  if (vectors.length === 0) throw new Error(`no vectors in ${name}.txt`);
  return vectors;
}

/** Bytes of hexadecimal text. */
export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, "hex"));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
