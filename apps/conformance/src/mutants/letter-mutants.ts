// Nodes whose letters, questions or answers are broken: layers that know the identities of both sides, and seal anew.
import { isLetter, isQuestion, nextNumber, nodeKey, nodeSeed, peerSeed } from "../cases/sealed/secure-nodes.js";
import type { Packable } from "../reference/msgpack.js";
import { publicKeyOf, signWith } from "../reference/secure/ed25519.js";
import { idOfKey } from "../reference/secure/identity.js";
import { answerBytes, type OpenedLetter, openLetter, sealLetter } from "../reference/secure/letters.js";
import { isSameBytes, type Value } from "../reference/value.js";
import type { Interference } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { subtype } from "../stage/messages.js";
import { isRefusal, isResponse } from "../stage/request-messages.js";
import {
  altersCommands,
  doublesToSuite,
  layers,
  neverCloses,
  rewritesToNode,
  rewritesToSuite,
  withLimits,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

type Forged = NonNullable<Parameters<typeof sealLetter>[0]["forged"]>;

/** Gives letters other bytes. */
function changesLetters(
  direction: "toNode" | "toSuite",
  change: (sealed: Uint8Array, network: string) => Uint8Array | undefined,
): Interference {
  let network = "";
  const through = (frame: Uint8Array, message: Message | undefined): readonly Uint8Array[] => {
    const sealed = message && isLetter(message) ? message.items[2] : undefined;
    const altered = sealed instanceof Uint8Array ? change(sealed, network) : undefined;
    if (message === undefined || altered === undefined) return [frame];
    return [rewrite(message, { items: [...message.items.slice(0, 2), altered] })];
  };
  return {
    options: (options) => {
      network = options.network;
      return options;
    },
    [direction]: through,
  };
}

/** The node seals its letters so. */
const writes = (forged: (letter: OpenedLetter) => Forged): Interference =>
  changesLetters("toSuite", (sealed, network) => {
    const letter = openLetter(peerSeed, sealed, network);
    const readers = [publicKeyOf(peerSeed)];
    return sealLetter({ seed: nodeSeed, readers, network, map: letter.map, forged: forged(letter) });
  });

/** The node takes a letter of the peer as if it were this one; undefined leaves it as it is. */
const takes = (
  change: (letter: OpenedLetter | undefined) => { readonly [name: string]: Packable } | undefined,
): Interference =>
  changesLetters("toNode", (sealed, network) => {
    const map = change(opened(sealed, network));
    return map && sealLetter({ seed: peerSeed, readers: [nodeKey], network, map });
  });

const isString = (value: Packable | undefined): boolean => typeof value === "string";
const fresh = (): { readonly [name: string]: Packable } => ({
  type: "news",
  data: "taken all the same",
  number: nextNumber(),
  time: Date.now() * 1_000,
});

function opened(sealed: Uint8Array, network: string): OpenedLetter | undefined {
  try {
    return openLetter(nodeSeed, sealed, network);
  } catch {
    return undefined;
  }
}

/** A refused command is told as done. */
const obeys = (wanted: string, ok: unknown): Interference => ({
  failure: (command, error) => (command.do === wanted ? { ok } : { error }),
});

/** Questions to pass on leave by the hundred. */
function asksAtOnce(): Interference {
  const isPassedOn = (message: Message): boolean =>
    isQuestion(message) && (message.items[3] as { readonly path: readonly Value[] }).path.length > 0;
  const numbered = ({ items }: Message, number: number): readonly Packable[] =>
    // What was read can be written.
    [items[0], Number(items[1]) + number * 1_000, ...items.slice(2)] as readonly Packable[];
  return {
    toSuite: (frame, message) => {
      if (message === undefined || !isPassedOn(message)) return [frame];
      return Array.from({ length: 100 }, (_, number) => rewrite(message, { items: numbered(message, number) }));
    },
  };
}

/** The node's answers are altered. */
const answers = (change: (answer: { readonly [name: string]: Value }) => Packable): Interference =>
  rewritesToSuite(
    (message) => isResponse(message) && isAnswer(message.items[2]),
    (message) => ({
      items: [...message.items.slice(0, 2), change(message.items[2] as { readonly [name: string]: Value })],
    }),
  );

function isAnswer(data: Value | undefined): boolean {
  return typeof data === "object" && data !== null && "sig" in data && "ids" in data;
}

/** The node refuses with another code. */
const refuses = (code: string, other: string): Interference =>
  rewritesToSuite(
    (message) => isRefusal(message) && message.items[2] === code,
    (message) => ({ items: [subtype.error, message.items[1] ?? 0, other, ""] }),
  );

/** The node signs its answers to the last question over something else. */
function signsAnswers(over: (question: { readonly nonce: Uint8Array }, ids: Uint8Array) => Uint8Array): Interference {
  let nonce: Uint8Array = new Uint8Array(32);
  const hears = rewritesToNode(isQuestion, (message) => {
    const data = message.items[3] as { readonly nonce?: Value } | null;
    if (data?.nonce instanceof Uint8Array) nonce = data.nonce;
    return undefined;
  });
  const says = answers((answer) => ({ ...answer, sig: signWith(nodeSeed, over({ nonce }, answer.ids as Uint8Array)) }));
  return layers(hears, says);
}

export const letterMutants: readonly NodeMutant[] = [
  nodeMutant("letter-no-context", "SEC-230", "seals letters in no context", () => writes(() => ({ context: "" }))),
  nodeMutant("letter-hides", "SEC-230", "hides the readers of its letters", () => writes(() => ({ isHidden: true }))),
  nodeMutant("letter-from-nobody", "SEC-230", "names no sender in its letters", () =>
    writes(() => ({ fromNobody: true })),
  ),
  nodeMutant("letter-takes-hidden", "SEC-230", "takes letters that name no sender or no readers", () =>
    takes((letter) => (letter?.from === undefined || letter.readers === undefined ? letter && fresh() : undefined)),
  ),
  nodeMutant("letter-takes-what-does-not-open", "SEC-231", "takes what does not open", () =>
    takes((letter) => (letter === undefined ? fresh() : undefined)),
  ),
  nodeMutant("letter-any-member", "SEC-231", "does not look at the members of a letter", () =>
    takes((letter) => (letter && !isString(letter.map.type) ? fresh() : undefined)),
  ),
  nodeMutant("letter-strict-members", "SEC-231", "ignores letters with members that it does not know", () =>
    takes((letter) => (letter && Object.keys(letter.map).length > 4 ? { ...fresh(), time: 0 } : undefined)),
  ),
  nodeMutant("letter-again", "SEC-232", "takes letters as often as they come", () =>
    takes((letter) => letter && { ...letter.map, number: nextNumber() }),
  ),
  nodeMutant("letter-rising-only", "SEC-232", "takes no letter that is late", () => {
    let highest = 0;
    return takes((letter) => {
      const number = Number(letter?.map.number ?? 0);
      const isLate = number < highest;
      highest = Math.max(highest, number);
      return letter && isLate ? { ...letter.map, time: 0 } : undefined;
    });
  }),
  nodeMutant("letter-any-time", "SEC-233", "takes letters of any time", () => withLimits({ freshnessMs: 2 ** 40 })),
  nodeMutant("letter-any-signature", "SEC-234", "does not verify signatures of letters", () =>
    takes((letter) => (letter?.signature === undefined ? undefined : letter.map)),
  ),
  nodeMutant("letter-signs-map", "SEC-234", "signs letters without their context", () =>
    writes(({ signature, bytes }) => (signature === undefined ? {} : { signature: signWith(nodeSeed, bytes) })),
  ),
  nodeMutant("letter-blames-nobody", "SEC-238", "goes on with who forges letters", neverCloses),
  nodeMutant("letter-any-key", "SEC-235", "takes any key for that of an id", () => obeys("letter", null)),
  nodeMutant("letter-any-bringer", "SEC-236", "takes letters from whoever brings them", () =>
    changesLetters("toNode", (sealed, network) => {
      const letter = opened(sealed, network);
      const isOthers = letter?.from !== undefined && !isSameBytes(letter.from, idOfKey(publicKeyOf(peerSeed)));
      return isOthers ? sealLetter({ seed: peerSeed, readers: [nodeKey], network, map: letter.map }) : undefined;
    }),
  ),
  nodeMutant("letter-no-limit", "SEC-239", "opens any number of letters", () =>
    withLimits({ letterBurst: 1_000_000, lettersPerSecond: 1_000_000 }),
  ),
  nodeMutant("question-refused", "SEC-240", "answers no question", () =>
    rewritesToSuite(
      (message) => isResponse(message) && isAnswer(message.items[2]),
      (message) => ({ items: [subtype.error, message.items[1] ?? 0, "no-handler", ""] }),
    ),
  ),
  nodeMutant("question-other-code", "SEC-240", "refuses bad questions with another code", () =>
    refuses("bad-question", "no"),
  ),
  nodeMutant("question-not-private", "SEC-240", "tells its neighbours though it is not to", () => ({
    options: ({ tellsNeighbours: _, ...options }) => options,
  })),
  nodeMutant("question-whole-path", "SEC-241", "passes questions on with the whole path", () =>
    rewritesToSuite(isQuestion, (message) => {
      const data = message.items[3] as { readonly path: readonly Value[] };
      const path = [new Uint8Array(48), ...data.path];
      return { items: [...message.items.slice(0, 3), { ...(data as { readonly [name: string]: Value }), path }] };
    }),
  ),
  nodeMutant("question-own-key", "SEC-241", "puts its own key into the answers that it gives back", () =>
    answers((answer) => ({ ...answer, key: nodeKey })),
  ),
  nodeMutant("question-gives-back-all", "SEC-242", "gives back whatever came", () =>
    rewritesToSuite(
      (message) => isRefusal(message) && message.items[2] === "bad-answer",
      (message) => ({ items: [subtype.response, message.items[1] ?? 0, null] }),
    ),
  ),
  nodeMutant("answer-without-nonce", "SEC-243", "signs answers without the nonce", () =>
    signsAnswers((_, ids) => answerBytes({ subject: "key", nonce: new Uint8Array(0) }, ids)),
  ),
  nodeMutant("answer-one-subject", "SEC-243", "signs answers about its neighbours as those about its key", () =>
    signsAnswers(({ nonce }, ids) => answerBytes({ subject: "key", nonce }, ids)),
  ),
  nodeMutant("answer-believed", "SEC-243", "believes every answer", () => obeys("key-of", "")),
  nodeMutant("question-no-limit", "SEC-244", "answers any number of questions", () =>
    withLimits({ questionBurst: 1_000_000, questionsPerSecond: 1_000_000 }),
  ),
  nodeMutant("question-busy-otherwise", "SEC-244", "refuses too many questions with another code", () =>
    refuses("busy", "later"),
  ),
  nodeMutant("graph-beyond", "SEC-245", "asks nodes beyond the hops", () =>
    altersCommands((command) => (command.do === "discover" ? { ...command, hops: command.hops + 1 } : command)),
  ),
  nodeMutant("graph-twice", "SEC-245", "asks nodes as often as they are told of", () =>
    doublesToSuite((message) => isQuestion(message)),
  ),
  nodeMutant("graph-at-once", "SEC-245", "asks about all nodes at once", asksAtOnce),
];
