// Questions of the dictionary that are none (spec/chord-dictionary.md, section 10).
import type { Packable } from "../../reference/msgpack.js";
import { toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { ask, encoded, keyOf, plain, writeItems, writer } from "../../stage/chord-dictionary.js";
import { nodeCase } from "../define.js";

import { openAsking, versionOf } from "./asking.js";

const low = new Uint8Array(48).fill(1);
const high = new Uint8Array(48).fill(200);

export const malformedQuestionCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/malformed",
    "CHORD-240",
    "what is no question is answered with a status that is not 0",
    async (stage) => {
      const { ring, peer, nowUs, put, get } = await openAsking(stage);
      await put(plain(nowUs, "v"));
      const key = keyOf("k");
      const write = writeItems(plain(nowUs + 9, 1));
      const group = (needed: Packable, ...members: readonly Packable[]): Packable => [
        nowUs + 9,
        writer,
        encoded(1),
        [[needed, ...members]],
        new Uint8Array(10),
      ];
      const bad: readonly (readonly [string, readonly Packable[]])[] = [
        ["nothing", []],
        ["an unknown kind", [8, key]],
        ["a text as kind", ["get", key]],
        ["a text as key", [ask.get, "k"]],
        ["an empty key", [ask.get, new Uint8Array(0)]],
        ["a key of 1025 bytes", [ask.get, new Uint8Array(1_025)]],
        ["a put without write", [ask.put, key]],
        ["a write at time 0", [ask.put, key, [0, writer, encoded(1)]]],
        ["a write at a half", [ask.put, key, [1.5, writer, encoded(1)]]],
        ["a write of a short id", [ask.put, key, [nowUs + 9, writer.subarray(1), encoded(1)]]],
        ["a value that is no bytes", [ask.put, key, [nowUs + 9, writer, 1]]],
        ["a value of 65537 bytes", [ask.put, key, [nowUs + 9, writer, new Uint8Array(65_537)]]],
        ["no member needed", [ask.put, key, group(0, low)]],
        ["less than a majority needed", [ask.put, key, group(1, low, high)]],
        ["more than all needed", [ask.put, key, group(2, low)]],
        ["a member twice", [ask.put, key, group(2, low, low)]],
        ["six members", [ask.put, key, group(4, ...[1, 2, 3, 4, 5, 6].map((byte) => new Uint8Array(48).fill(byte)))]],
        [
          "three groups",
          [
            ask.put,
            key,
            [
              nowUs + 9,
              writer,
              null,
              [
                [1, low],
                [1, low],
                [1, low],
              ],
              new Uint8Array(10),
            ],
          ],
        ],
        ["a lineage of 11 bytes", [ask.put, key, [nowUs + 9, writer, null, [[1, low]], new Uint8Array(11)]]],
        ["a lineage of 650 bytes", [ask.put, key, [nowUs + 9, writer, null, [[1, low]], new Uint8Array(650)]]],
        ["a promise without origin", [ask.promise, key, nowUs + 9]],
        ["513 copies", [ask.copies, new Array<Packable>(513).fill([key, write])]],
        ["a copy without write", [ask.copies, [[key]]]],
        ["fingerprints of 511 bytes", [ask.compare, low, high, new Uint8Array(511)]],
        ["a range of short positions", [ask.compare, low.subarray(1), high, new Uint8Array(512)]],
        ["ids of 9 bytes", [ask.fetch, low, high, new Uint8Array(9)]],
        ["513 ids", [ask.fetch, low, high, new Uint8Array(513 * 8)]],
        ["a walk without wish", [ask.walk, low, high]],
        ["have without version", [ask.have, key]],
      ];
      for (const [what, question] of bad) {
        const [status] = await ring.answer(peer, ...question);
        check(typeof status === "number" && status !== 0, `${what} was answered with status ${String(status)}`);
      }
      checkEqual(versionOf(await get()), [nowUs, toHex(writer)], "what it has");
    },
  ),
];
