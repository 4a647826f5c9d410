// Which atomic writes a write was built on: lets an operation that was cut short tell whether it happened. [CHORD-226]
import { nodeIdToBytes } from "@p2p/wire";
import type { Write } from "./record.js";
import { compareVersions, type Version } from "./version.js";

/** A link: 8 bytes of the time, 6 of the writer. */
const linkBytes = 14;

/** Links that are kept. */
const maxLinks = 16;

/** The longest lineage in bytes. */
export const maxLineageBytes: number = linkBytes * maxLinks;

/** What stands at the end of a lineage when there was nothing before. */
const beginning = new Uint8Array(linkBytes);

/** The lineage of a write that is built on `base`. */
export function lineageOn(base: Write | undefined): Uint8Array {
  if (base === undefined) return beginning;
  const link = linkOf(base.version);
  const lineage = new Uint8Array(Math.min(maxLineageBytes, linkBytes + base.lineage.length));
  lineage.set(link);
  lineage.set(base.lineage.subarray(0, lineage.length - linkBytes), linkBytes);
  return lineage;
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
  view.setUint32(0, Math.floor(timeUs / 0x1_0000_0000));
  view.setUint32(4, timeUs >>> 0);
  link.set(nodeIdToBytes(origin).subarray(0, linkBytes - 8), 8);
  return link;
}

function timeOf(links: Uint8Array, at: number): number {
  const view = new DataView(links.buffer, links.byteOffset + at, 8);
  return view.getUint32(0) * 0x1_0000_0000 + view.getUint32(4);
}

function isAt(lineage: Uint8Array, at: number, link: Uint8Array): boolean {
  for (let index = 0; index < linkBytes; index += 1) if (lineage[at + index] !== link[index]) return false;
  return true;
}
