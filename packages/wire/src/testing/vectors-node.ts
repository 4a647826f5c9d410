// Loads the files of spec/vectors/wire for tests. A folder or a file without vectors fails.
import { readdirSync, readFileSync } from "node:fs";
import type { WireLimits } from "../limits.js";
import type { BytesNotation } from "./notation-node.js";

const folder = new URL("../../../../spec/vectors/wire/", import.meta.url);

/** One vector; which members are there depends on the operation. */
export interface Vector {
  readonly id: string;
  readonly requirements: readonly string[];
  readonly comment?: string;
  readonly error?: string;
  readonly canonical?: boolean;
  readonly limits?: Partial<WireLimits>;
  readonly bytes?: BytesNotation;
  readonly value?: unknown;
  readonly body?: {
    readonly type: number;
    readonly sender: string;
    readonly time: number;
    readonly items: readonly unknown[];
  };
  readonly codec?: number;
  readonly payload?: BytesNotation;
  readonly frames?: readonly { readonly codec: number; readonly payload: BytesNotation }[];
  readonly rest?: number;
  readonly id_hex?: string;
  readonly text?: string;
  readonly byteLength?: number;
  readonly address?: string;
  readonly networkId?: string;
  readonly salt?: string;
  readonly name?: string;
  readonly security?: string;
  readonly dialect?: "bin" | "mixed" | "str";
  readonly source?: string;
  readonly compression?: string;
  readonly message?: {
    readonly type: number;
    readonly sender: unknown;
    readonly time: number;
    readonly payload: readonly unknown[];
  };
}

export interface VectorFile {
  readonly $schema: string;
  readonly title: string;
  readonly profile: "1.0" | "0.7";
  readonly provenance: string;
  readonly operation: string;
  readonly vectors: readonly Vector[];
}

/** The names of the files of a profile. */
export function vectorFiles(profile: "1.0" | "0.7"): string[] {
  const names = readdirSync(new URL(`${profile}/`, folder)).filter((name) => name.endsWith(".json"));
  if (names.length === 0) throw new Error(`no vectors for profile ${profile}`);
  return names;
}

/** One file, for example `0.7/base58.json`. */
export function loadVectors(path: string): VectorFile {
  const file = JSON.parse(vectorText(path)) as VectorFile;
  if (!Array.isArray(file.vectors) || file.vectors.length === 0) throw new Error(`${path} has no vectors`);
  return file;
}

/** The text of a file. */
export function vectorText(path: string): string {
  return readFileSync(new URL(path, folder), "utf8");
}

/** Where a file is. */
export function vectorUrl(path: string): URL {
  return new URL(path, folder);
}
