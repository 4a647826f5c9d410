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
import { recordKind, type SecureLine } from "../../stage/secure/secure-line.js";
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

export function turned(bytes: Uint8Array, at: number): Uint8Array {
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
export async function checkServes(stage: Stage, node: TestNode): Promise<void> {
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
