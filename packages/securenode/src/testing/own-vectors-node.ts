// Makes the vectors of this chapter from fixed keys: whoever builds the protocol anew can compare byte by byte.
import { encodeStatement, ownedKey } from "@p2p/base";
import { encodeBody, frameBody, frameOf, nodeIdToBytes, type WireValue } from "@p2p/wire";
import { dhKey } from "#x25519";
import { Handshake, type HandshakeOptions } from "../channel/handshake.js";
import { RecordSealer } from "../channel/records.js";
import { Identity } from "../identity/identity.js";
import { encodeKeyFile } from "../identity/key-file.js";
import { encodeRotation } from "../identity/rotation.js";
import { OwnedProofs } from "../owned/owned-proofs.js";
import { join } from "../primitives/join.js";
import { envelopeItem } from "../signed/envelope.js";
import { signFrames } from "../signed/sign-frames.js";
import { messageOf, securedOf } from "./handshakes.js";
import { hex } from "./noise-vectors-node.js";

const fill = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);
const seeds = { dialer: fill(1), acceptor: fill(2) };
const keys = { dialer: { static: fill(3), ephemeral: fill(4) }, acceptor: { static: fill(5), ephemeral: fill(6) } };
const networkId = fill(7);
const timeMs = 1_795_000_000_000;

/** All vectors, as an object to write as JSON. */
export async function makeOwnVectors(): Promise<object> {
  const [old, next] = [Identity.fromSeed(seeds.dialer), Identity.fromSeed(seeds.acceptor)];
  return {
    provenance: "Made by packages/securenode/src/vectors.test.ts from fixed keys. All bytes are hexadecimal text.",
    identities: [old, next].map((identity) => ({
      seed: hex(identity.exportSeed()),
      publicKey: hex(identity.publicKey),
      idHex: hex(nodeIdToBytes(identity.id)),
      id: identity.id,
      publicText: identity.publicText,
      secretText: identity.exportText(),
      publicPem: identity.publicPem,
      secretPem: identity.exportPem(),
      secretJwk: identity.exportJwk(),
    })),
    keyFile: await keyFile(old),
    rotation: {
      old: hex(seeds.dialer),
      new: hex(seeds.acceptor),
      timeMs,
      bytes: hex(encodeRotation(old, next, timeMs)),
    },
    handshakes: [handshake("XX"), handshake("XXpsk3", fill(8))],
    envelopes: [envelopes(old, 1), envelopes(old, 5)],
    owned: [owned(old, "sync", { b: [1], a: null }), owned(old, "chord", undefined)],
  };
}

function owned(identity: Identity, realm: "sync" | "chord", value: WireValue | undefined): object {
  const record = { realm, key: ownedKey(identity.id, "profile"), sequence: timeMs * 1_000, value };
  const statement = encodeStatement(networkId, record);
  return {
    seed: hex(identity.exportSeed()),
    networkId: hex(networkId),
    realm,
    key: record.key,
    sequence: record.sequence,
    isRemoved: value === undefined,
    ...(value === undefined ? {} : { value }),
    statement: hex(statement),
    proof: hex(new OwnedProofs(identity).prove(statement)),
  };
}

async function keyFile(identity: Identity): Promise<object> {
  let drawn = 0;
  const random = { bytes: (length: number) => new Uint8Array(length).fill(++drawn), float: () => 0 };
  const password = "Zürich, 1952";
  const bytes = await encodeKeyFile(identity, password, random, { logN: 10, r: 8, p: 1 });
  return { seed: hex(identity.exportSeed()), password, bytes: hex(bytes) };
}

function handshake(pattern: string, networkKey?: Uint8Array): object {
  const psk = networkKey === undefined ? {} : { networkKey };
  const [dialler, acceptor] = [sideOf("dialer", psk), sideOf("acceptor", psk)];
  const first = dialler.first();
  const second = messageOf(acceptor.step(first));
  const done = dialler.step(second);
  const third = messageOf(done);
  const [near, far] = [securedOf(done), securedOf(acceptor.step(third))];
  const limits = { rekeyAfterRecords: 2, rekeyAfterMs: Number.POSITIVE_INFINITY };
  const [near64, far64] = [new RecordSealer(near.send, limits, 0), new RecordSealer(far.send, limits, 0)];
  const text = (words: string): Uint8Array => new TextEncoder().encode(words);
  return {
    pattern,
    networkId: hex(networkId),
    ...(networkKey === undefined ? {} : { networkKey: hex(networkKey) }),
    dialer: { seed: hex(seeds.dialer), static: hex(keys.dialer.static), ephemeral: hex(keys.dialer.ephemeral) },
    acceptor: { seed: hex(seeds.acceptor), static: hex(keys.acceptor.static), ephemeral: hex(keys.acceptor.ephemeral) },
    messages: [first, second, third].map(hex),
    // Each with its length in front; the third of the dialler comes under a new key.
    fromDialer: ["one", "two", "three"].map((words) => hex(join(near64.data([text(words)], 0)))),
    fromAcceptor: [far64.data([text("yes")], 0), far64.last("end", new Uint8Array(0), 0)].map((parts) =>
      hex(join(parts)),
    ),
  };
}

function sideOf(role: "dialer" | "acceptor", psk: Pick<HandshakeOptions, "networkKey">): Handshake {
  const own = keys[role];
  return new Handshake({
    role,
    identity: Identity.fromSeed(seeds[role]),
    staticKey: dhKey(own.static),
    drawKey: () => dhKey(own.ephemeral),
    networkId,
    peer: "memory://peer:1",
    judge: () => undefined,
    ...psk,
  });
}

/** Broadcasts under one signature. */
function envelopes(identity: Identity, count: number): object {
  const sequence = timeMs * 1_000;
  const frames = Array.from({ length: count }, (_, number) => {
    const items = [0, "news", "hello", envelopeItem(identity.publicKey, sequence + number)];
    const raw = encodeBody({ type: 0, sender: nodeIdToBytes(identity.id), time: sequence + number + 1, items });
    return frameOf(raw);
  });
  const signed = signFrames(frames, (root) => identity.sign("envelope", join([networkId, root])));
  const bodies = signed.map((frame) => hex(frameBody(frame)));
  return { seed: hex(identity.exportSeed()), networkId: hex(networkId), sequence, bodies };
}
