// The mesh in a browser: bundled from its tarball within its size, and run in Chromium over the memory transport.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { type Bundle, bundle } from "../browser/bundle.ts";
import { runInChromium } from "../browser/chromium.ts";
import { root } from "../setup/workspace.mjs";

/** What was aimed at. Base with sessions, requests and reconnection is most of what is over it; printed, so it is not forgotten. */
const aimGzipBytes = 35 * 1024;
/** What the bundle may not outgrow. */
const maxGzipBytes = 54 * 1024;

/** Bundles scripts/browser/mesh-memory.ts in `folder`, where @p2p/mesh is installed. */
export async function bundleMesh(folder: string): Promise<Bundle> {
  cpSync(join(root, "scripts/browser/mesh-memory.ts"), join(folder, "mesh-memory.ts"));
  return bundle("mesh-memory.ts", folder);
}

export function sizeComplaints({ bytes, gzipBytes }: Bundle): string[] {
  console.log(
    `    ${kib(bytes)} minified, ${kib(gzipBytes)} after gzip -9 (aim ${kib(aimGzipBytes)}, at most ${kib(maxGzipBytes)})`,
  );
  return gzipBytes <= maxGzipBytes ? [] : [`the bundle has ${kib(gzipBytes)} after gzip -9, over ${kib(maxGzipBytes)}`];
}

export async function runComplaints({ code }: Bundle): Promise<string[]> {
  const result = await runInChromium(code, 20_000);
  return result === "heard" ? [] : [`the page reported ${JSON.stringify(result)}`];
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
