// Packages in a browser: bundled from their tarballs within their sizes, and run in Chromium over the memory transport.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { type Bundle, bundle } from "../browser/bundle.ts";
import { runInChromium } from "../browser/chromium.ts";
import { root } from "../setup/workspace.mjs";

/** What a package is to do in a browser, and how long it may be. */
export interface Page {
  /** The short name of the package, and of its folder. */
  readonly name: string;
  /** What the page does. */
  readonly does: string;
  /** A script in scripts/browser. */
  readonly entry: string;
  /** What the script leaves in globalThis.result. */
  readonly result: string;
  /** What was aimed at: printed, so that it is not forgotten. */
  readonly aimGzipBytes: number;
  /** What the bundle may not outgrow. */
  readonly maxGzipBytes: number;
}

export const pages: readonly Page[] = [
  {
    name: "mesh",
    does: "broadcasts",
    entry: "mesh-memory.ts",
    result: "heard",
    // Base with sessions, requests and reconnection is most of what is over it.
    aimGzipBytes: 35 * 1024,
    maxGzipBytes: 56 * 1024,
  },
  {
    name: "sync",
    does: "shares a table",
    entry: "sync-memory.ts",
    result: "2 keys, late: here, leased, equal: true",
    // The mesh, and as much again as half of it.
    aimGzipBytes: 75 * 1024,
    maxGzipBytes: 84 * 1024,
  },
  {
    name: "securenode",
    does: "proves ids, seals letters and data, and reads keys",
    entry: "secure-memory.ts",
    result:
      "stranger refused: handshake-forged; letter of Bob, signed: true; pinged: true; keys: true, key-file-unavailable; sealed, not-a-reader, draft",
    // Base, and curves, ciphers and hashes in JavaScript.
    aimGzipBytes: 75 * 1024,
    maxGzipBytes: 79 * 1024,
  },
];

/** Bundles the script of a page in `folder`, where its package is installed. */
export async function bundlePage({ entry }: Page, folder: string): Promise<Bundle> {
  cpSync(join(root, "scripts/browser", entry), join(folder, entry));
  return bundle(entry, folder);
}

export function sizeComplaints({ aimGzipBytes, maxGzipBytes }: Page, { bytes, gzipBytes }: Bundle): string[] {
  console.log(
    `    ${kib(bytes)} minified, ${kib(gzipBytes)} after gzip -9 (aim ${kib(aimGzipBytes)}, at most ${kib(maxGzipBytes)})`,
  );
  return gzipBytes <= maxGzipBytes ? [] : [`the bundle has ${kib(gzipBytes)} after gzip -9, over ${kib(maxGzipBytes)}`];
}

export async function runComplaints(page: Page, { code }: Bundle): Promise<string[]> {
  const result = await runInChromium(code, 20_000);
  return result === page.result ? [] : [`the page reported ${JSON.stringify(result)}`];
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
