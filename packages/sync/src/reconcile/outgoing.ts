// What one side of a comparison has still to say: answers to ranges, records, in turns of bounded size. [SYNC-074 to SYNC-077]
import { maxListed, maxTurnItems, type RangeItem, type Want } from "../messages/comparison.js";
import { type FullRecord, partsOf } from "../messages/full-record.js";
import type { RecordWriter } from "../messages/record-runs.js";
import type { Table } from "../table.js";
import { printBytes, recordDigest } from "./fingerprints.js";
import { childOf, rangeOf } from "./range-path.js";
import { RecordStream } from "./record-stream.js";
import type { ToldRanges } from "./told-ranges.js";
import { fanOut, type TrieNode } from "./trie-parts.js";

/** Ranges told by fingerprints in one turn: each may be answered by sixteen others. */
const maxPrints = 128;
const itemBytes = 16;

type Task =
  /** Tell a range, by fingerprints or by digests as its size is. */
  | { readonly kind: "tell"; readonly path: number }
  /** Send the records of a range that the peer does not list, and ask for those that it lists and this table lacks. */
  | { readonly kind: "send"; readonly path: number; from: number; readonly known: Map<string, number> };

/** What goes into a turn. */
export interface Share {
  readonly ranges: RangeItem[];
  readonly records: RecordWriter;
  readonly wants: Want[];
}

export class Outgoing {
  readonly #table: Table;
  /** The last one is done first, so that few wait. */
  readonly #tasks: Task[] = [];
  /** Records to be sent before anything else. */
  #records: FullRecord[] = [];
  #stream: RecordStream | undefined;

  constructor(table: Table) {
    this.#table = table;
  }

  get isEmpty(): boolean {
    return this.#tasks.length === 0 && this.#records.length === 0 && this.#stream?.next === undefined;
  }

  /** Sends all records that there are now. */
  stream(): void {
    this.#stream = new RecordStream(this.#table.blocks(), this.#table.recordCount);
  }

  tell(path: number): void {
    this.#tasks.push({ kind: "tell", path });
  }

  /** Sends what the peer lacks of a range of which it listed all digests. */
  send(path: number, digests: Uint8Array): void {
    const known = new Map<string, number>();
    for (let at = 0; at < digests.length; at += printBytes) {
      known.set(textOf(digests.subarray(at, at + printBytes)), at / printBytes);
    }
    this.#tasks.push({ kind: "send", path, from: rangeOf(path).from, known });
  }

  sendKey(key: string): void {
    const record = this.#table.get(key);
    if (record === undefined) return;
    for (const part of partsOf(key, record)) this.#records.push([key, part]);
  }

  /** Fills a turn up to about so many bytes, and at least by one item. */
  fill(share: Share, told: ToldRanges, maxBytes: number): void {
    let left = maxBytes;
    while (left > 0 && share.ranges.length + share.wants.length < maxTurnItems) {
      const next = this.#records.shift();
      if (next !== undefined) {
        left -= share.records.add(...next);
        continue;
      }
      if (this.#stream?.next !== undefined) {
        left -= this.#advanceStream(this.#stream, share.records, left);
        continue;
      }
      const task = this.#tasks.at(-1);
      if (task === undefined) return;
      if (task.kind === "send") {
        if (this.#advanceSend(task, share.wants)) this.#tasks.pop();
        left -= itemBytes;
        continue;
      }
      if (share.ranges.length >= maxPrints && this.#nodeOf(task.path)?.kind === "inner") return;
      this.#tasks.pop();
      const item = this.#tell(task.path, told);
      share.ranges.push(item);
      left -= itemBytes + item.bytes.length;
    }
  }

  /** The node of a path; a leaf above it holds its records among others. */
  #nodeOf(path: number): TrieNode | undefined {
    const { from, depth } = rangeOf(path);
    return this.#table.fingerprints.trie.find(from, depth);
  }

  /** Takes records of the stream, up to about so many bytes; returns how many they are. */
  #advanceStream(stream: RecordStream, records: RecordWriter, maxBytes: number): number {
    let bytes = 0;
    while (bytes < maxBytes && this.#records.length === 0) {
      bytes += records.takeRun(stream, maxBytes - bytes);
      const entry = stream.next;
      if (entry?.record === undefined || bytes >= maxBytes) break;
      const { key, record } = entry;
      if (record.fields === undefined) bytes += records.add(key, record);
      else this.sendKey(key);
      stream.at++;
    }
    return bytes;
  }

  /** Does one leaf of a range; returns whether the range is done. */
  #advanceSend(task: Task & { readonly kind: "send" }, wants: Want[]): boolean {
    const { to } = rangeOf(task.path);
    const found = this.#table.fingerprints.trie.leafFrom(task.from);
    const start = task.from;
    if (found !== undefined) {
      for (const entry of found.leaf.entries) {
        const position = entry.position >>> 0;
        if (position < start || position >= to) continue;
        if (!task.known.delete(textOf(recordDigest(entry)))) this.sendKey(entry.key);
      }
      task.from = found.next;
    }
    if (found !== undefined && task.from < to) return false;
    if (task.known.size > 0) wants.push({ path: task.path, indexes: [...task.known.values()] });
    return true;
  }

  #tell(path: number, told: ToldRanges): RangeItem {
    const node = this.#nodeOf(path);
    if (node?.kind === "inner") {
      const bytes = new Uint8Array(fanOut * printBytes);
      node.children.forEach((child, index) => {
        bytes.set(this.#table.fingerprints.print(child), index * printBytes);
      });
      told.addPrints(path);
      return { kind: "prints", path, bytes };
    }
    const { from, to } = rangeOf(path);
    const entries = (node?.entries ?? []).filter(({ position }) => position >>> 0 >= from && position >>> 0 < to);
    const listed = entries.slice(0, maxListed);
    const bytes = new Uint8Array(listed.length * printBytes);
    listed.forEach((entry, index) => {
      bytes.set(recordDigest(entry), index * printBytes);
    });
    told.addList(
      path,
      listed.map(({ key }) => key),
    );
    return { kind: "list", path, bytes };
  }

  /** Answers the fingerprints of the parts of a range: goes down where they differ. */
  answerPrints(path: number, prints: Uint8Array): void {
    const node = this.#nodeOf(path);
    if (node?.kind !== "inner") {
      this.tell(path);
      return;
    }
    for (let nibble = 0; nibble < fanOut; nibble++) {
      const theirs = prints.subarray(nibble * printBytes, (nibble + 1) * printBytes);
      const own = this.#table.fingerprints.print(node.children[nibble]);
      if (own.every((byte, index) => byte === theirs[index])) continue;
      const child = childOf(path, nibble);
      if (theirs.every((byte) => byte === 0)) this.send(child, new Uint8Array(0));
      else this.tell(child);
    }
  }
}

/** Bytes as a text to find them by. */
function textOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
