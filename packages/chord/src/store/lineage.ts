// Which atomic writes a write was built on: lets an operation that was cut short tell whether it happened. [CHORD-226]
import { nodeIdToBytes } from "@p2p/wire";
import type { Write } from "./record.js";
import { compareVersions, type Version } from "./version.js";

/** A link: 7 bytes of the time, 3 of the writer. */
const linkBytes = 10;

/** Links that are kept. */
const maxLinks = 64;

/** For how long links are kept, in µs: longer than any operation is tried. One older link stays, to tell that it is older. */
const keptUs = 120_000_000;

/** The longest lineage in bytes. */
export const maxLineageBytes: number = linkBytes * maxLinks;

/** What stands at the end of a lineage when there was nothing before. */
const beginning = new Uint8Array(linkBytes);

/** The lineage of a write of `timeUs` that is built on `base`. */
export function lineageOn(base: Write | undefined, timeUs: number): Uint8Array {
  if (base === undefined) return beginning;
  const links = new Uint8Array(linkBytes + base.lineage.length);
  links.set(linkOf(base.version));
  links.set(base.lineage, linkBytes);
  let end = linkBytes;
  while (end < Math.min(links.length, maxLineageBytes) && timeOf(links, end - linkBytes) >= timeUs - keptUs)
    end += linkBytes;
  return links.slice(0, end);
}

export function isLineage(bytes: Uint8Array): boolean {
  return bytes.length % linkBytes === 0 && bytes.length <= maxLineageBytes;
}

/** Whether the write of `version` is among those that led to `write`; undefined when that cannot be told. */
export function isBuiltOn(write: Write | undefined, version: Version): boolean | undefined {
  if (write === undefined) return false;
  const order = compareVersions(version, write.version);
  if (order === 0) return true;
  if (order > 0) return false;
  const wanted = linkOf(version);
  const wantedUs = timeOf(wanted, 0);
  const { lineage } = write;
  for (let at = 0; at < lineage.length; at += linkBytes) {
    if (isAt(lineage, at, wanted)) return true;
    // Older than what is sought, so all that led to the write is.
    if (timeOf(lineage, at) < wantedUs) return false;
  }
  return undefined;
}

function linkOf({ timeUs, origin }: Version): Uint8Array {
  const link = new Uint8Array(linkBytes);
  const view = new DataView(link.buffer);
  view.setUint32(0, Math.floor(timeUs / 0x100_0000));
  view.setUint32(3, timeUs >>> 0);
  link.set(nodeIdToBytes(origin).subarray(-3), 7);
  return link;
}

function timeOf(links: Uint8Array, at: number): number {
  const view = new DataView(links.buffer, links.byteOffset + at, linkBytes);
  return view.getUint32(0) * 0x100_0000 + (view.getUint32(3) & 0xff_ffff);
}

function isAt(lineage: Uint8Array, at: number, link: Uint8Array): boolean {
  for (let index = 0; index < linkBytes; index += 1) if (lineage[at + index] !== link[index]) return false;
  return true;
}
