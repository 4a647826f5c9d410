// The handshake of a channel, both roles, and those that are refused (spec/securenode.md, sections 5 and 7).
import { randomBytes } from "node:crypto";
import { toBase58 } from "../../reference/base58.js";
import { pack } from "../../reference/msgpack.js";
import { publicKeyOf, signWith } from "../../reference/secure/ed25519.js";
import { formsOf, idOfKey, seedOf, tag } from "../../reference/secure/identity.js";
import { type DhPair, NoiseHandshake, plainName } from "../../reference/secure/noise.js";
import { unpack } from "../../reference/unpack.js";
import { concat, toHex, type Value } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual } from "../../runner/expect.js";
import { closeCode } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { recordKind, type SecureLine, type SecureRecord } from "../../stage/secure/secure-line.js";
import { checkProven, identityPayload, type ShakeOptions, secureNetworkId } from "../../stage/secure/shake.js";
import type { OpenOptions, PeerOptions, Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";

export function openSecure(stage: Stage, options: OpenOptions = {}): Promise<TestNode> {
  return stage.open({ security: "noise", ...options });
}

/** A peer of the suite on an encrypted channel, both handshakes done. */
export async function securePeer(
  stage: Stage,
  node: TestNode,
  { shake = {}, ...fields }: Partial<PeerOptions> & { readonly shake?: Partial<ShakeOptions> } = {},
): Promise<{ readonly line: SecureLine; readonly peer: RawPeer; readonly seed: Uint8Array }> {
  const line = await stage.connectLine(node);
  const shaken = await stage.shakeLine(line, "dialler", shake);
  checkProven(shaken, node.idBytes);
  const peer = stage.peerOf(line, shaken);
  const net = secureNetworkId(stage.network, shake.networkKey !== undefined);
  await stage.shake(peer, { net, ...fields });
  return { line, peer, seed: shaken.seed };
}

function turned(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  const index = at < 0 ? copy.length + at : at;
  copy[index] = (copy[index] ?? 0) ^ 1;
  return copy;
}

/** The refusal in a record or a payload. */
export function refusalOf(bytes: Uint8Array): readonly [code: unknown, isText: boolean] {
  const { code, text } = unpack(bytes) as { readonly [name: string]: Value };
  return [code, typeof text === "string"];
}

/** The node goes on with others. */
async function checkServes(stage: Stage, node: TestNode): Promise<void> {
  const { peer } = await securePeer(stage, node);
  await peer.checkAlive();
  peer.destroy();
}

/** Nothing but handshake messages was said, and the node ended the connection. */
async function checkDropped(line: SecureLine, mostBytes: number): Promise<void> {
  await line.nextEnd();
  check(line.received.length <= mostBytes, `the node wrote ${line.received.length} bytes`);
}

const lowOrder: DhPair = { secret: new Uint8Array(0), publicKey: new Uint8Array(32) };

/** The longest second message, with its length. */
const secondMost = 2 + 1024;

export const channelCases: readonly NodeCase[] = [
  nodeCase(
    "secure/channels/accepts",
    "SEC-030 SEC-032 SEC-033",
    "a node that is dialled does Noise XX with the prologue, and proves its id",
    async (stage) => {
      const seed = seedOf(11);
      const node = await openSecure(stage, { seed: toHex(seed) });
      checkBytes(node.idBytes, formsOf(seed).id, "the node's id");
      const { peer } = await securePeer(stage, node);
      await peer.checkAlive();
      checkEqual((await node.next("connected")).peer, peer.name, "the id that the suite has proven");
    },
  ),
  nodeCase(
    "secure/channels/dials",
    "SEC-030 SEC-032 SEC-033",
    "a node that dials does the same as the initiator",
    async (stage) => {
      const node = await openSecure(stage);
      const listener = await stage.listenForLines();
      const dialled = node.call({ do: "dial", address: listener.address });
      const line = await listener.accept();
      const shaken = await stage.shakeLine(line, "acceptor");
      checkProven(shaken, node.idBytes);
      const peer = stage.peerOf(line, shaken);
      await stage.shake(peer, { net: secureNetworkId(stage.network, false) });
      checkEqual(await dialled, { id: toBase58(shaken.id) }, "who was dialled");
    },
  ),
  nodeCase(
    "secure/channels/network-key",
    "SEC-031",
    "with a network key it is XXpsk3, and who lacks the key gets in nowhere",
    async (stage) => {
      const networkKey = new Uint8Array(randomBytes(32));
      const node = await openSecure(stage, { networkKey: toHex(networkKey) });
      const { peer } = await securePeer(stage, node, { shake: { networkKey } });
      await peer.checkAlive();
      const stranger = await stage.connectLine(node);
      const other = new Uint8Array(randomBytes(32));
      await stage.shakeLine(stranger, "dialler", { networkKey: other });
      await checkDropped(stranger, secondMost);
    },
  ),
  nodeCase(
    "secure/channels/other-network",
    "SEC-032 SEC-034",
    "nodes of different networks part in the handshake",
    async (stage) => {
      const node = await openSecure(stage);
      const line = await stage.connectLine(node);
      const noise = new NoiseHandshake(true, {
        name: plainName,
        prologue: concat([tag("channel"), new Uint8Array(32)]),
      });
      line.sendMessage(noise.writeFirst());
      const second = await line.nextMessage("the second handshake message");
      check(noise.readSecond(second) === undefined, "the node does not mix in the network");
      line.sendMessage(new Uint8Array(200));
      await checkDropped(line, secondMost);
      await checkServes(stage, node);
    },
  ),
  nodeCase(
    "secure/channels/tampered",
    "SEC-034",
    "a third message that does not verify, or whose identity does not, closes the channel without a word",
    async (stage) => {
      const node = await openSecure(stage);
      const [seed, other] = [seedOf(21), seedOf(22)];
      const alterations: Partial<ShakeOptions>[] = [
        ...[0, 40, 60, -1].map((at) => ({
          alter: (message: Uint8Array, number: number) => (number === 3 ? turned(message, at) : message),
        })),
        { alter: (message, number) => (number === 3 ? message.subarray(1) : message) },
        { payload: (hash) => identityPayload(hash, seed, other) },
        { payload: (hash) => ({ ...identityPayload(hash, seed), key: publicKeyOf(other) }) },
        { payload: (hash) => identityPayload(turned(hash, 0), seed) },
        { payload: (hash) => ({ key: publicKeyOf(seed), sig: signWith(seed, hash) }) },
        { payload: (hash) => ({ ...identityPayload(hash, seed), sig: new Uint8Array(63) }) },
        { payload: () => ({}) },
        { payload: () => "no map" },
      ];
      for (const alteration of alterations) {
        const line = await stage.connectLine(node);
        await stage.shakeLine(line, "dialler", { seed, ...alteration });
        await checkDropped(line, secondMost);
      }
      checkEqual(node.seen("connected").length, 0, "connections");
      await checkServes(stage, node);
    },
  ),
  nodeCase(
    "secure/channels/lengths",
    "SEC-035",
    "a handshake message of more than 1,024 bytes closes the channel at once, and so does one that never comes",
    async (stage) => {
      const node = await openSecure(stage, { limits: { handshakeTimeoutMs: 300 } });
      const long = await stage.connectLine(node);
      long.sendBytes(Uint8Array.of(4, 1));
      await checkDropped(long, 0);
      const slow = await stage.connectLine(node);
      slow.sendBytes(Uint8Array.of(0, 32, 1, 2, 3));
      await checkDropped(slow, 0);
      await checkServes(stage, node);
    },
  ),
  nodeCase(
    "secure/channels/long-waits",
    "SEC-035",
    "the length is looked at before the bytes are waited for",
    async (stage) => {
      const node = await openSecure(stage, { limits: { handshakeTimeoutMs: 60_000 } });
      const line = await stage.connectLine(node);
      line.sendBytes(Uint8Array.of(0xff, 0xff));
      await checkDropped(line, 0);
    },
  ),
  nodeCase(
    "secure/channels/low-order",
    "SEC-036",
    "keys of low order, ephemeral or static, close the channel",
    async (stage) => {
      const node = await openSecure(stage);
      const ephemeral = await stage.connectLine(node);
      ephemeral.sendMessage(lowOrder.publicKey);
      await checkDropped(ephemeral, 0);
      const fixed = await stage.connectLine(node);
      await stage.shakeLine(fixed, "dialler", { pairs: { static: lowOrder } });
      await checkDropped(fixed, secondMost);
      await checkServes(stage, node);
    },
  ),
  nodeCase(
    "secure/channels/unwanted",
    "SEC-037",
    "a dialler that is not wanted is told so by a close record",
    async (stage) => {
      const seed = seedOf(31);
      const node = await openSecure(stage, { deny: [toBase58(formsOf(seed).id)] });
      const line = await stage.connectLine(node);
      await stage.shakeLine(line, "dialler", { seed });
      const { body } = await line.nextRecord(recordKind.close, "a close record");
      checkEqual(refusalOf(body), [closeCode.refused, true], "refusal");
      await line.nextEnd();
      await checkServes(stage, node);
    },
  ),
  nodeCase(
    "secure/channels/unwanted-acceptor",
    "SEC-037 SEC-060",
    "an acceptor that is not wanted is told so in the third message, and not who dialled",
    async (stage) => {
      const seed = seedOf(32);
      const node = await openSecure(stage, { deny: [toBase58(formsOf(seed).id)] });
      const listener = await stage.listenForLines();
      const pins = ["", `#${toBase58(idOfKey(publicKeyOf(seedOf(33))))}`];
      for (const [index, pin] of pins.entries()) {
        const dialled = node.refused({ do: "dial", address: `${listener.address}${pin}` });
        const line = await listener.accept();
        const shaken = await stage.shakeLine(line, "acceptor", { seed: index === 0 ? seed : seedOf(34) });
        const wanted = index === 0 ? closeCode.refused : closeCode.security;
        checkEqual(refusalOf(pack({ ...shaken.theirs })), [wanted, true], "refusal");
        check(shaken.theirs.key === undefined, "the refusal names the dialler");
        await line.nextEnd();
        const { reasonCode } = await dialled;
        if (index === 1) checkEqual(reasonCode, closeCode.security, "code that the application is told");
      }
    },
  ),
  nodeCase(
    "secure/channels/itself",
    "SEC-038",
    "its own identity is refused with `self`, and its own words sent back close the channel",
    async (stage) => {
      const seed = seedOf(41);
      const node = await openSecure(stage, { seed: toHex(seed) });
      const line = await stage.connectLine(node);
      await stage.shakeLine(line, "dialler", { seed });
      const { body } = await line.nextRecord(recordKind.close, "a close record");
      checkEqual(refusalOf(body), [closeCode.self, true], "refusal");
      await line.nextEnd();
      const listener = await stage.listenForLines();
      const dialled = node.refused({ do: "dial", address: listener.address });
      const mirror = await listener.accept();
      const first = await mirror.nextMessage("the first handshake message");
      mirror.sendMessage(concat([first.subarray(0, 32), new Uint8Array(160)]));
      await checkDropped(mirror, 2 + 32);
      await dialled;
    },
  ),
  nodeCase(
    "secure/channels/plain",
    "SEC-039",
    "a peer without security is left, hears no frame, and the node falls back to nothing",
    async (stage) => {
      const node = await openSecure(stage);
      const peer = await stage.connect(node);
      peer.sendHandshake({ network: stage.network, net: secureNetworkId(stage.network, false) });
      await peer.nextEnd();
      checkEqual(peer.inbox.all.length, 0, "frames of the node");
      const listener = await stage.listenForLines();
      const dialled = node.refused({ do: "dial", address: listener.address });
      const line = await listener.accept();
      const first = await line.nextMessage("the first handshake message");
      checkEqual(first.length, 32, "length of the first handshake message");
      line.sendBytes(Uint8Array.of(0, 0, 0, 60, 0x94));
      await checkDropped(line, 34);
      await dialled;
    },
  ),
];

/** A line with records, and a peer that has not greeted. */
async function lineTo(stage: Stage, node: TestNode): Promise<SecureLine> {
  const line = await stage.connectLine(node);
  await stage.shakeLine(line, "dialler");
  return line;
}

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
      const later = await lineTo(stage, node);
      later.destroy();
    },
  ),
];
