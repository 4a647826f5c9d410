// Letters between nodes: what is in them, which are taken, and how often (spec/securenode-sealed.md, section 4).
import { randomBytes } from "node:crypto";
import { type Packable, pack } from "../../reference/msgpack.js";
import { isSignature, publicKeyOf, signWith } from "../../reference/secure/ed25519.js";
import { idOfKey } from "../../reference/secure/identity.js";
import {
  type LetterParts,
  letterBytes,
  type OpenedLetter,
  openLetter,
  sealLetter,
} from "../../reference/secure/letters.js";
import { concat, toHex } from "../../reference/value.js";
import type { NodeCase } from "../../runner/case.js";
import { check, checkBytes, checkEqual } from "../../runner/expect.js";
import { closeCode, subtype } from "../../stage/messages.js";
import type { RawPeer } from "../../stage/raw-peer.js";
import { several } from "../../stage/several.js";
import type { Stage } from "../../stage/stage.js";
import type { TestNode } from "../../stage/test-node.js";
import { nodeCase } from "../define.js";
import { fence } from "../fence.js";
import {
  answerNext,
  isLetter,
  knownPeer,
  letterType,
  nextNumber,
  nodeKey,
  nodeSeed,
  openSecureNode,
  otherSeed,
  peerSeed,
} from "./secure-nodes.js";

const minute = 60_000_000;

/** The map of a letter, sound but for what is given. */
function letterMap(change: { readonly [name: string]: Packable } = {}): { readonly [name: string]: Packable } {
  return { type: "news", data: "hello", number: nextNumber(), time: Date.now() * 1_000, ...change };
}

function without(name: string): Packable {
  return Object.fromEntries(Object.entries(letterMap()).filter(([each]) => each !== name));
}

/** A letter of the peer for the node. */
function letterFor(stage: Stage, parts: Partial<LetterParts> = {}): Uint8Array {
  return sealLetter({ seed: peerSeed, readers: [nodeKey], network: stage.network, map: letterMap(), ...parts });
}

function post(peer: RawPeer, letter: Packable): void {
  peer.whisper(subtype.message, letterType, letter);
}

/** The data of the letters that were taken, once all has been that was sent before. */
async function taken(stage: Stage, peer: RawPeer, node: TestNode): Promise<unknown[]> {
  const mark = randomBytes(8).toString("hex");
  post(peer, letterFor(stage, { map: letterMap({ data: mark }) }));
  await node.next("letter", ({ data }) => data === mark);
  await fence(peer, node);
  return node
    .seen("letter")
    .map(({ data }) => data)
    .filter((data) => !/^[0-9a-f]{16}$/.test(String(data)));
}

/** None of these is taken, and the node goes on with this neighbour and its letters. */
async function checkIgnored(stage: Stage, letters: (node: TestNode) => readonly Packable[]): Promise<void> {
  const node = await openSecureNode(stage);
  const peer = await knownPeer(stage, node);
  for (const letter of letters(node)) post(peer, letter);
  checkEqual(await taken(stage, peer, node), [], "letters taken");
}

/** Has the node write a letter to the peer, which is asked for its key. */
async function written(
  stage: Stage,
  node: TestNode,
  peer: RawPeer,
  how: { readonly data: string; readonly isSigned?: boolean; readonly asks?: boolean },
): Promise<OpenedLetter> {
  const { asks = true, ...parts } = how;
  const sent = node.call({ do: "letter", to: [peer.name], type: "news", ...parts });
  if (asks) await answerNext(peer, peerSeed);
  await sent;
  const { items } = await peer.next(isLetter, "the letter of the node");
  check(items[2] instanceof Uint8Array, "the data of the message is no bytes");
  return openLetter(peerSeed, items[2], stage.network);
}

export const letterCases: readonly NodeCase[] = [
  nodeCase(
    "sealed/letters/written",
    "SEC-230",
    "a letter names sender and readers, in the context of letters of the network",
    async (stage) => {
      const node = await openSecureNode(stage);
      const peer = await knownPeer(stage, node);
      const letter = await written(stage, node, peer, { data: "for you" });
      checkEqual(letter.from, idOfKey(nodeKey), "the sender");
      checkEqual(letter.readers, [idOfKey(publicKeyOf(peerSeed))], "the readers");
      checkEqual([letter.map.type, letter.map.data], ["news", "for you"], "what is in it");
      check(Math.abs(Number(letter.map.time) - Date.now() * 1_000) < minute, "the time is now");
      const next = await written(stage, node, peer, { data: "again", asks: false });
      check(Number(next.map.number) > Number(letter.map.number), "the numbers rise");
    },
  ),
  nodeCase("sealed/letters/taken", "SEC-231 SEC-234", "letters of the form are taken", async (stage) => {
    const node = await openSecureNode(stage);
    const peer = await knownPeer(stage, node);
    const others = [nodeKey, publicKeyOf(otherSeed)];
    post(peer, letterFor(stage, { readers: others, map: letterMap({ data: "plain", later: [1] }) }));
    post(peer, letterFor(stage, { map: letterMap({ data: "signed" }), isSigned: true }));
    post(peer, letterFor(stage, { map: letterMap({ data: "long", type: "t".repeat(255) }) }));
    checkEqual(await taken(stage, peer, node), ["plain", "signed", "long"], "letters taken");
    const [plain, signed] = node.seen("letter");
    checkEqual([plain?.from, plain?.type, plain?.isSigned], [peer.name, "news", false], "the plain one");
    checkEqual(plain?.readers.length, 2, "its readers");
    checkEqual(signed?.isSigned, true, "whether the signed one is");
  }),
  nodeCase("sealed/letters/hidden", "SEC-230", "letters that name no sender or readers are ignored", (stage) =>
    checkIgnored(stage, () => [
      letterFor(stage, { forged: { isHidden: true } }),
      letterFor(stage, { forged: { fromNobody: true } }),
    ]),
  ),
  nodeCase("sealed/letters/form", "SEC-231", "what does not open, or has no such form, is ignored", (stage) =>
    checkIgnored(stage, () => [
      null,
      "text",
      new Uint8Array(0),
      new Uint8Array(randomBytes(300)),
      letterFor(stage).subarray(1),
      letterFor(stage, { readers: [publicKeyOf(otherSeed)] }),
      letterFor(stage, { forged: { context: "" } }),
      letterFor(stage, { forged: { context: `letter ${stage.network}x` } }),
      letterFor(stage, { forged: { context: stage.network } }),
      letterFor(stage, { forged: { value: [] } }),
      letterFor(stage, { forged: { value: "hello" } }),
      letterFor(stage, { forged: { value: letterMap() } }),
      letterFor(stage, { forged: { value: [concat([pack(letterMap()), pack(1)])] } }),
      letterFor(stage, { map: [1, 2] }),
      ...["type", "data", "number", "time"].map((name) => letterFor(stage, { map: without(name) })),
      ...[
        { type: "" },
        { type: "t".repeat(256) },
        { type: 1 },
        { number: -1 },
        { number: 2 ** 53 },
        { number: "1" },
      ].map((change) => letterFor(stage, { map: letterMap(change) })),
      ...[{ time: -1 }, { time: "now" }, { time: null }].map((change) => letterFor(stage, { map: letterMap(change) })),
    ]),
  ),
  nodeCase("sealed/letters/once", "SEC-232", "each number of a sender is taken once, late ones too", async (stage) => {
    const node = await openSecureNode(stage);
    const peer = await knownPeer(stage, node);
    const top = nextNumber(30_000);
    const send = (number: number, data: string): void =>
      post(peer, letterFor(stage, { map: letterMap({ number, data }) }));
    send(top, "top");
    send(top, "top again");
    send(top - 1, "before");
    send(top - 1, "before again");
    send(top - 8_191, "long before");
    send(top - 8_191, "long before again");
    send(top - 8_192, "too long before");
    send(top - 20_000, "much too long before");
    const same = letterFor(stage, { map: letterMap({ number: top + 1, data: "same" }) });
    for (let time = 0; time < 3; time++) post(peer, same);
    nextNumber();
    checkEqual(await taken(stage, peer, node), ["top", "before", "long before", "same"], "letters taken");
  }),
  nodeCase("sealed/letters/time", "SEC-233", "letters of another time are ignored", async (stage) => {
    const node = await openSecureNode(stage);
    const peer = await knownPeer(stage, node);
    for (const minutes of [-31, 31, -10_000, 10_000, -29, 29]) {
      const map = letterMap({ data: `${minutes} minutes`, time: Date.now() * 1_000 + minutes * minute });
      post(peer, letterFor(stage, { map }));
    }
    checkEqual(await taken(stage, peer, node), ["-29 minutes", "29 minutes"], "letters taken");
  }),
  nodeCase("sealed/letters/bringer", "SEC-236", "a letter that another brings than its sender is ignored", (stage) =>
    checkIgnored(stage, () => [
      letterFor(stage, { seed: otherSeed }),
      letterFor(stage, { seed: otherSeed, isSigned: true }),
      letterFor(stage, { seed: nodeSeed }),
    ]),
  ),
  nodeCase(
    "sealed/letters/flood",
    "SEC-238",
    "who sends letters that do not verify again and again loses the link; others are read",
    async (stage) => {
      const node = await openSecureNode(stage, { messages: "require" });
      const [peer, other] = await several(2, (number) =>
        knownPeer(stage, node, number === 0 ? peerSeed : otherSeed, ["signed/1"]),
      );
      const spoilt = (): Uint8Array => {
        const letter = letterFor(stage);
        letter[letter.length - 1] = (letter[letter.length - 1] ?? 0) ^ 1;
        return letter;
      };
      for (let count = 0; count < 5; count++) post(peer, spoilt());
      checkEqual(await taken(stage, peer, node), [], "letters taken of five that do not verify");
      post(peer, spoilt());
      await peer.nextClose(closeCode.rejected);
      const again = await knownPeer(stage, node, peerSeed, ["signed/1"]);
      post(again, letterFor(stage, { map: letterMap({ data: "too soon" }) }));
      await fence(again, node);
      post(other, letterFor(stage, { seed: otherSeed, map: letterMap({ data: "of another" }) }));
      await node.next("letter", ({ data }) => data === "of another");
      const soon = node.seen("letter").filter(({ data }) => data === "too soon");
      checkEqual(soon.length, 0, "letters taken within the minute");
    },
  ),
  nodeCase(
    "sealed/letters/rate",
    "SEC-239",
    "letters of one sender are opened within a rate; those of others are read",
    async (stage) => {
      const limits = { letterBurst: 20, lettersPerSecond: 10 };
      const node = await openSecureNode(stage, { clock: "manual", limits });
      const [peer, other] = [await knownPeer(stage, node), await knownPeer(stage, node, otherSeed)];
      /** How many of so many are taken. */
      const read = async (from: RawPeer, seed: Uint8Array, count: number): Promise<number> => {
        const before = node.seen("letter").length;
        for (let left = count; left > 0; left--) post(from, letterFor(stage, { seed }));
        await fence(from, node);
        return node.seen("letter").length - before;
      };
      checkEqual(await read(peer, peerSeed, 30), 20, "letters taken of 30 in one moment");
      checkEqual(await read(other, otherSeed, 3), 3, "letters taken of another sender");
      await node.advance(1_000);
      checkEqual(await read(peer, peerSeed, 15), 10, "letters taken a second later");
    },
  ),
  nodeCase(
    "sealed/letters/signature",
    "SEC-234",
    "a signature is over tag, context and map, and one that does not hold is refused",
    async (stage) => {
      const node = await openSecureNode(stage);
      const peer = await knownPeer(stage, node);
      const { bytes, signature } = await written(stage, node, peer, { data: "mine", isSigned: true });
      const holds = signature !== undefined && isSignature(nodeKey, letterBytes(stage.network, bytes), signature);
      check(holds, "the node's signature is none, or does not hold");
      const unsigned = await written(stage, node, peer, { data: "unsigned", asks: false });
      checkEqual(unsigned.signature, undefined, "the signature of a letter that is not to be signed");
      const map = letterMap();
      const bad = [
        signWith(otherSeed, letterBytes(stage.network, pack(map))),
        signWith(peerSeed, letterBytes("another", pack(map))),
        signWith(peerSeed, pack(map)),
        new Uint8Array(64),
        new Uint8Array(0),
      ];
      for (const forgedOne of bad) post(peer, letterFor(stage, { map, forged: { signature: forgedOne } }));
      checkEqual(await taken(stage, peer, node), [], "letters taken");
    },
  ),
  nodeCase(
    "sealed/letters/keys",
    "SEC-235",
    "nothing is sealed for an id with a key that does not make it",
    async (stage) => {
      const node = await openSecureNode(stage);
      const peer = await knownPeer(stage, node);
      for (const seed of [otherSeed, nodeSeed]) {
        const refused = node.refused({ do: "letter", to: [peer.name], data: "for whom" });
        await answerNext(peer, seed);
        await refused;
      }
      await fence(peer, node);
      checkEqual(peer.inbox.all.filter(isLetter).length, 0, "letters sent");
      const key = node.call({ do: "key-of", peer: peer.name });
      await answerNext(peer, peerSeed);
      checkEqual(await key, toHex(publicKeyOf(peerSeed)), "the key, once it is the right one");
      checkBytes(peer.id, idOfKey(publicKeyOf(peerSeed)), "the peer's id");
    },
  ),
];
