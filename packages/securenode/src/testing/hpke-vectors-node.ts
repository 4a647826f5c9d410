// Loads the vectors of RFC 9180 for tests, under the names that the RFC has. A file without vectors fails.
import { readFileSync } from "node:fs";

/** One key schedule with messages under it; all bytes in hexadecimal text. */
export interface HpkeVector {
  readonly mode: 0 | 2;
  readonly info: string;
  readonly skEm: string;
  readonly pkEm: string;
  readonly skRm: string;
  readonly pkRm: string;
  readonly skSm?: string;
  readonly pkSm?: string;
  readonly enc: string;
  readonly shared_secret: string;
  readonly key: string;
  readonly base_nonce: string;
  readonly encryptions: readonly {
    readonly sequence: number;
    readonly pt: string;
    readonly aad: string;
    readonly nonce: string;
    readonly ct: string;
  }[];
}

export function hpkeVectors(): readonly HpkeVector[] {
  const url = new URL("../../../../spec/vectors/securenode/hpke/rfc9180.txt", import.meta.url);
  const { vectors } = JSON.parse(readFileSync(url, "utf8")) as { readonly vectors: readonly HpkeVector[] };
  if (vectors.length === 0) throw new Error("no vectors in rfc9180.txt");
  return vectors;
}
