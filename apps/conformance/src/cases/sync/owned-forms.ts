// Records of owned keys in the form of others, and the other way round (spec/sync.md, section 11).
import type { Packable } from "../../reference/msgpack.js";
import type { NodeCase } from "../../runner/case.js";
import { checkEqual } from "../../runner/expect.js";
import { closeCode, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";
import { meshFence } from "../mesh/links.js";
import { fullRecord } from "./comparing.js";
import { kinds, openOwnedTable, owned, ownedName, ownedPeer, tellRecords } from "./owned-tables.js";
import { lowId, openTable, sendUpdate, tablePeer } from "./tables.js";

/** Records in the form of keys that they are not of. */
export function ownedFormCases(): readonly NodeCase[] {
  const run = (key: string, nowUs: number): Packable => {
    const bytes = new TextEncoder().encode(key);
    const lengths = Uint8Array.of(bytes.length >> 8, bytes.length & 255);
    return [null, 0, 3_600_000, nowUs, bytes, lengths, [1, 0], Uint8Array.of(1)];
  };
  const wrong: readonly (readonly [
    string,
    string,
    (stage: Stage, peer: RawPeer, nowUs: number) => Promise<void> | void,
  ])[] = [
    [
      "plain-entry",
      "a plain entry of an owned key",
      (_, peer, nowUs) => {
        sendUpdate(peer, { stampUs: nowUs, entries: [[ownedName, 0, "plain"]] });
      },
    ],
    [
      "delta",
      "a delta of an owned key",
      (_, peer, nowUs) => {
        sendUpdate(peer, { stampUs: nowUs, entries: [[ownedName, 2, { a: 1 }, []]] });
      },
    ],
    [
      "owned-entry",
      "an owned entry of a plain key",
      (stage, peer, nowUs) => {
        sendUpdate(peer, { stampUs: nowUs, entries: [owned(stage, kinds.entry, { key: "k", sequence: 5, value: 1 })] });
      },
    ],
    [
      "no-proof",
      "an owned entry without a proof",
      (_, peer, nowUs) => {
        sendUpdate(peer, { stampUs: nowUs, entries: [[ownedName, kinds.entry]] });
      },
    ],
    [
      "plain-record",
      "a plain record of an owned key",
      (_, peer, nowUs) => tellRecords(peer, [fullRecord(ownedName, nowUs, "plain")], [lowId(5)]),
    ],
    [
      "owned-record",
      "an owned record of a plain key",
      (stage, peer) => tellRecords(peer, [owned(stage, kinds.record, { key: "k", sequence: 5, value: 1 })]),
    ],
    ["run", "an owned key in a run", (_, peer, nowUs) => tellRecords(peer, [run(ownedName, nowUs)], [lowId(5)])],
    [
      "contender",
      "an owned record as contender",
      (stage, peer) => {
        peer.whisper(subtype.contender, new Uint8Array(0), owned(stage, kinds.record, { sequence: 5, value: 1 }));
      },
    ],
  ];
  return [
    ...wrong.map(([name, title, play]) =>
      nodeCase(`sync/owned/form-${name}`, "SYNC-110", `${title} closes the link`, async (stage) => {
        const { node, nowUs } = await openOwnedTable(stage);
        const peer = await ownedPeer(stage, node);
        await play(stage, peer, nowUs);
        await peer.nextClose(closeCode.protocol);
        checkEqual(await node.table(), {}, "the table");
      }),
    ),
    nodeCase(
      "sync/owned/form-without-identity",
      "SYNC-110",
      "without identities owned keys are plain, and owned entries close the link",
      async (stage) => {
        const { node, nowUs } = await openTable(stage);
        const peer = await tablePeer(stage, node);
        sendUpdate(peer, { stampUs: nowUs, entries: [[ownedName, 0, "plain"]] });
        await meshFence(peer, node);
        checkEqual(await node.table(), { [ownedName]: "plain" }, "the table");
        sendUpdate(peer, { stampUs: nowUs + 5, entries: [owned(stage, kinds.entry, { sequence: 5, value: 1 })] });
        await peer.nextClose(closeCode.protocol);
      },
    ),
  ];
}
