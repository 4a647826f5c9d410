// Records: how bytes go over a channel, when keys are replaced, how it ends, and what breaks it (spec/securenode.md, section 6).
import { pack } from "../../reference/msgpack.js";
import { concat } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkEqual } from "../../runner/expect.js";
import { closeCode } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { recordKind, type SecureLine, type SecureRecord } from "../../stage/secure/secure-line.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { checkServes, openSecure, securePeer, turned } from "./channels.js";

/** The node drops the channel and delivers nothing that came after `before` messages. */
async function checkBroken(
  stage: Stage,
  node: TestNode,
  spoil: (line: SecureLine, peer: RawPeer) => void,
): Promise<void> {
  const { line, peer } = await securePeer(stage, node);
  spoil(line, peer);
  await line.nextEnd();
  const { code } = await node.next("disconnected", (report) => report.peer === peer.name);
  checkEqual(code, closeCode.security, "code of the disconnection");
}

/** A whisper to the node's application, as a frame. */
function whisper(peer: RawPeer, data: string): Uint8Array {
  const body = pack([2, peer.id, peer.time(), 2, "news", data]);
  return concat([Uint8Array.of(0, 0, body.length >> 8, body.length & 255), body]);
}

const newsOf = (node: TestNode): unknown[] =>
  node
    .seen("message")
    .filter((report) => report.type === "news")
    .map((report) => report.data);

const isEnd = ({ kind }: SecureRecord): boolean => kind === recordKind.end;

export const recordCases: readonly NodeCase[] = [
  nodeCase("secure/records/kinds", "SEC-040", "every record has a kind, and data is of kind 0", async (stage) => {
    const node = await openSecure(stage);
    const { line, peer } = await securePeer(stage, node);
    await peer.checkAlive();
    for (const { kind } of line.records.all) checkEqual(kind, recordKind.data, "kind of a record");
    check(line.records.all.length > 0, "no record came");
  }),
  nodeCase(
    "secure/records/budget",
    "SEC-048",
    "records that are not whole are bounded by the memory budget, and others are served",
    async (stage) => {
      const node = await openSecure(stage, { limits: { memoryBudgetBytes: 150_000 } });
      const { peer: sound } = await securePeer(stage, node);
      for (let count = 0; count < 3; count += 1) {
        const { line } = await securePeer(stage, node);
        line.sendBytes(concat([Uint8Array.of(0xff, 0xff), new Uint8Array(60_000)]));
      }
      await node.next("disconnected", (report) => report.code === closeCode.budget);
      await sound.checkAlive();
    },
  ),
  nodeCase("secure/records/joined", "SEC-041", "bytes are cut into records anywhere, and joined", async (stage) => {
    const node = await openSecure(stage);
    const { line, peer } = await securePeer(stage, node);
    const [one, two, three] = ["one", "two", "three"].map((data) => whisper(peer, data)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    for (const byte of one) line.sendRecord(recordKind.data, Uint8Array.of(byte));
    line.sendRecord(recordKind.data, new Uint8Array(0));
    line.sendRecord(recordKind.data, concat([two, three.subarray(0, 7)]));
    line.sendRecord(recordKind.data, three.subarray(7));
    await node.next("message", (report) => report.data === "three");
    checkEqual(newsOf(node), ["one", "two", "three"], "messages");
  }),
  nodeCase("secure/records/large", "SEC-041", "what is longer than a record is cut, and comes whole", async (stage) => {
    const node = await openSecure(stage);
    const { peer } = await securePeer(stage, node);
    await node.send(peer.name, "x".repeat(200_000));
    const message = await peer.next(({ items }) => items[1] === "message", "the long message");
    checkEqual(String(message.items[2]).length, 200_000, "length of the message");
  }),
  nodeCase(
    "secure/records/forged",
    "SEC-042 SEC-046",
    "records that are altered, repeated, left out or swapped close the channel, and bring nothing",
    async (stage) => {
      const node = await openSecure(stage);
      const data = recordKind.data;
      await checkBroken(stage, node, (line, peer) =>
        line.sendMessage(turned(line.seal(data, whisper(peer, "altered")), 9)),
      );
      await checkBroken(stage, node, (line, peer) =>
        line.sendMessage(turned(line.seal(data, whisper(peer, "altered")), -1)),
      );
      await checkBroken(stage, node, (line, peer) => {
        const record = line.seal(data, whisper(peer, "once"));
        line.sendMessage(record);
        line.sendMessage(record);
      });
      await checkBroken(stage, node, (line, peer) => {
        line.seal(data, whisper(peer, "left out"));
        line.sendMessage(line.seal(data, whisper(peer, "after the gap")));
      });
      await checkBroken(stage, node, (line, peer) => {
        const [first, second] = [line.seal(data, whisper(peer, "first")), line.seal(data, whisper(peer, "second"))];
        line.sendMessage(second);
        line.sendMessage(first);
      });
      checkEqual(newsOf(node), ["once"], "messages");
      await checkServes(stage, node);
    },
  ),
  nodeCase(
    "secure/records/malformed",
    "SEC-043 SEC-046",
    "records that are too short, of an unknown kind, or with a body that they must not have close the channel",
    async (stage) => {
      const node = await openSecure(stage);
      await checkBroken(stage, node, (line) => line.sendMessage(new Uint8Array(0)));
      await checkBroken(stage, node, (line) => line.sendMessage(new Uint8Array(16)));
      await checkBroken(stage, node, (line) => line.sendMessage(line.sealBytes(new Uint8Array(0))));
      await checkBroken(stage, node, (line) => line.sendRecord(4));
      await checkBroken(stage, node, (line) => line.sendRecord(recordKind.end, Uint8Array.of(1)));
      await checkBroken(stage, node, (line) => line.sendRecord(recordKind.rekey, Uint8Array.of(1)));
      await checkServes(stage, node);
    },
  ),
  nodeCase(
    "secure/records/end",
    "SEC-044",
    "an end record comes before the end, and nothing after it",
    async (stage) => {
      const node = await openSecure(stage);
      const { line, peer } = await securePeer(stage, node);
      await node.call({ do: "hang-up", peer: peer.name });
      await line.nextEnd();
      check(
        line.records.all.length > 0 && line.records.all.findIndex(isEnd) === line.records.all.length - 1,
        "the end record is not the last one",
      );
    },
  ),
  nodeCase(
    "secure/records/truncated",
    "SEC-044 SEC-046",
    "a stream that ends without an end record is told as an attack, one that ends with it is not",
    async (stage) => {
      const node = await openSecure(stage);
      const cut = await securePeer(stage, node);
      cut.line.end();
      const told = await node.next("disconnected", (report) => report.peer === cut.peer.name);
      checkEqual(told.code, closeCode.security, "code of the disconnection");
      const whole = await securePeer(stage, node);
      whole.line.sendRecord(recordKind.end);
      whole.line.end();
      const other = await node.next("disconnected", (report) => report.peer === whole.peer.name);
      check(other.code !== closeCode.security, "an end in order was told as an attack");
    },
  ),
  nodeCase(
    "secure/records/rekey",
    "SEC-045",
    "after so many records the key is replaced, and numbers go on",
    async (stage) => {
      const node = await openSecure(stage, { limits: { rekeyAfterRecords: 3 } });
      const { line, peer } = await securePeer(stage, node);
      for (let count = 0; count < 12; count++) await peer.checkAlive();
      const rekeys = line.records.all.filter(({ kind }) => kind === recordKind.rekey).length;
      check(rekeys >= 3, `${rekeys} keys were replaced within ${line.records.all.length} records`);
      // What the suite replaces, the node follows.
      line.sendRecord(recordKind.rekey);
      line.rekeySending();
      await peer.checkAlive();
    },
  ),
  nodeCase(
    "secure/records/rekey-time",
    "SEC-045",
    "a key older than an hour is replaced before anything is sent",
    async (stage) => {
      const node = await openSecure(stage, {
        clock: "manual",
        limits: { deadAfterMs: 100_000_000, pingIntervalMs: 90_000_000 },
      });
      const { line, peer } = await securePeer(stage, node);
      await node.advance(3_600_001);
      await node.send(peer.name, "after an hour");
      await peer.next(({ items }) => items[2] === "after an hour", "the message");
      check(
        line.records.all.some(({ kind }) => kind === recordKind.rekey),
        "no key was replaced",
      );
    },
  ),
  nodeCase(
    "secure/records/close",
    "SEC-047",
    "a close record closes the channel, and its text is told",
    async (stage) => {
      const node = await openSecure(stage);
      const listener = await stage.listenForLines();
      const dialled = node.refused({ do: "dial", address: listener.address });
      const line = await listener.accept();
      await stage.shakeLine(line, "acceptor");
      line.sendRecord(recordKind.close, pack({ code: closeCode.busy, text: "house is full" }));
      await line.nextEnd();
      const { reasonCode, message } = await dialled;
      checkEqual(reasonCode, closeCode.busy, "code");
      check(message.includes("house is full"), `the text was not told: ${message}`);
      await checkServes(stage, node);
    },
  ),
];
