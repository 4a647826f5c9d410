// Nodes that are careless with requests and messages to one node.
import { frame } from "../reference/frame.js";
import { type Packable, pack } from "../reference/msgpack.js";
import type { Interference, Link } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { isHandshake, isMessage, subtype } from "../stage/messages.js";
import { isForward, isRedirected, isRefusal, isRequest, isResponse } from "../stage/request-messages.js";
import {
  altersCommands,
  altersReports,
  doublesReports,
  doublesToSuite,
  dropsReports,
  dropsToNode,
  dropsToSuite,
  hangsUpOn,
  hearsHandshake,
  rewritesToNode,
  rewritesToSuite,
  saysHandshake,
  withLimits,
} from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";
import { isSoundMessage } from "./soundness.js";

const isEnd = (message: Message): boolean => isResponse(message) || isRefusal(message);
const isNews = (report: { readonly report: string; readonly type?: string }): boolean =>
  report.report === "message" && report.type !== "fence";

/** A whisper in the name of a message's sender, with items of the layer's own. */
function whisper(like: Message, ...items: readonly Packable[]): Uint8Array {
  return frame(pack([2, like.sender, like.time + 1, ...items]));
}

function idOf(link: Link): Uint8Array {
  return link.memory.get("id") as Uint8Array;
}

/** Notes whom a link belongs to, and what was asked over it. */
function noting(layer: Interference): Interference {
  return {
    ...layer,
    toNode: (bytes, message, link) => {
      if (message && isHandshake(message)) link.memory.set("id", message.sender);
      return layer.toNode?.(bytes, message, link) ?? [bytes];
    },
    toSuite: (bytes, message, link) => {
      if (message && isRequest(message)) link.memory.set(`asked ${String(message.items[1])}`, true);
      return layer.toSuite?.(bytes, message, link) ?? [bytes];
    },
  };
}

/** The answer of a stranger counts as if the node that was asked had given it. */
function takesAnyAnswer(): Interference {
  return noting({
    toNode: (bytes, message, link) => {
      if (!message || !isEnd(message)) return [bytes];
      const asked = link.siblings.find((one) => one.memory.has(`asked ${String(message.items[1])}`));
      if (!asked || asked === link) return [bytes];
      asked.toNode(rewrite(message, { sender: idOf(asked) }));
      return [];
    },
  });
}

/** The n-th answer is for the n-th request. */
function matchesByOrder(): Interference {
  const ids: Packable[] = [];
  return {
    toSuite: (bytes, message) => {
      if (message && isRequest(message)) ids.push(message.items[1] ?? 0);
      return [bytes];
    },
    toNode: (bytes, message) => {
      if (!message || !isEnd(message)) return [bytes];
      const [kind = 0, , ...rest] = message.items;
      return [rewrite(message, { items: [kind, ids.shift() ?? 0, ...rest] })];
    },
  };
}

/** A request whose id is open already is answered as well. */
function answersRepeated(): Interference {
  return {
    toNode: (bytes, message, link) => {
      if (message && isRequest(message)) {
        const key = `open ${String(message.items[1])}`;
        if (link.memory.has(key)) link.toSuite(whisper(message, subtype.response, message.items[1] ?? 0, "again"));
        link.memory.set(key, true);
      }
      return [bytes];
    },
  };
}

/** What a handler threw is in the text of the refusal. */
function tellsFailures(): Interference {
  return {
    toNode: (bytes, message, link) => {
      if (message && isRequest(message)) link.memory.set("data", message.items[3]);
      return [bytes];
    },
    toSuite: (bytes, message, link) => {
      if (!message || !isRefusal(message)) return [bytes];
      const [kind = 0, id = 0, code = ""] = message.items;
      return [rewrite(message, { items: [kind, id, code, `Error: ${String(link.memory.get("data"))}`] })];
    },
  };
}

/** After a connection was lost, no answer counts any more. */
function forgetsAtLoss(): Interference {
  let isLost = false;
  return {
    hidesEnd: () => {
      isLost = true;
      return false;
    },
    toNode: (bytes, message) => (isLost && message && isEnd(message) ? [] : [bytes]),
  };
}

/** What comes before its redirected is not kept. */
function keepsNothingEarly(): Interference {
  let isRedirectedYet = false;
  return noting({
    toNode: (bytes, message, link) => {
      if (message && isRedirected(message)) isRedirectedYet = true;
      const isEarly =
        message && isEnd(message) && !link.memory.has(`asked ${String(message.items[1])}`) && !isRedirectedYet;
      return isEarly ? [] : [bytes];
    },
  });
}

const changesForward = (change: (items: readonly Packable[], link: Link) => readonly Packable[]): Interference =>
  noting(rewritesToNode(isForward, ({ items }, link) => ({ items: change(items, link) })));

/** The items of a forward: subtype, asker, addresses, request id, type, data, path. */
function withPath(items: readonly Packable[], path: readonly Packable[]): readonly Packable[] {
  return [...items.slice(0, 6), path];
}

export const requestMutants: readonly NodeMutant[] = [
  nodeMutant("delivers-twice", "BASE-200", "delivers each message twice", () => doublesReports(isNews)),
  nodeMutant("alters-data", "BASE-200", "sends something else than it was given", () =>
    rewritesToSuite(isMessage, ({ items }) => ({ items: [...items.slice(0, 2), "something else"] })),
  ),
  nodeMutant("other-sender", "BASE-205", "tells another sender", () =>
    altersReports((report) => (report.report === "message" && isNews(report) ? { ...report, from: "1" } : report)),
  ),
  nodeMutant("folds-types", "BASE-206", "folds letter case and form of types", () =>
    rewritesToNode(
      (message) => isMessage(message) || isRequest(message),
      ({ items }) => ({
        items: items.map((item, at) =>
          typeof item === "string" && (at === 1 || at === 2)
            ? item.normalize("NFC").toLowerCase().trim().normalize("NFD").replaceAll(/\p{M}/gu, "")
            : item,
        ),
      }),
    ),
  ),
  nodeMutant("strict-types", "BASE-207", "ends a connection for a type that nobody takes", () =>
    hangsUpOn((message) => isMessage(message) && message.items[1] === "nobody-takes-this"),
  ),
  nodeMutant("malformed-requests", "BASE-203 BASE-204", "ignores malformed messages of requests", () =>
    dropsToNode((message) => !isSoundMessage(message)),
  ),
  nodeMutant("no-requests-feature", "BASE-209", "does not name requests/1", () =>
    saysHandshake(() => ({ features: [] })),
  ),
  nodeMutant("asks-anybody", "BASE-208", "asks who does not answer requests", () =>
    hearsHandshake(() => ({ features: ["requests/1"] })),
  ),
  nodeMutant("answers-nothing", "BASE-230 BASE-244", "does not answer", () => dropsToSuite(isEnd)),
  nodeMutant("other-request-id", "BASE-231", "answers with another request id", () =>
    rewritesToSuite(isEnd, ({ items }) => ({ items: [items[0] ?? 0, 424_242, ...items.slice(2)] })),
  ),
  nodeMutant("answers-another", "BASE-238 BASE-244", "answers over another connection", () => ({
    toSuite: (bytes, message, link) => {
      if (!message || !isEnd(message)) return [bytes];
      link.siblings.find((one) => one !== link)?.toSuite(bytes);
      return [];
    },
  })),
  nodeMutant("own-refusal-code", "BASE-241 BASE-242 BASE-246", "refuses with a code of its own", () =>
    rewritesToSuite(isRefusal, ({ items }) => ({ items: [items[0] ?? 0, items[1] ?? 0, "sorry", items[3] ?? ""] })),
  ),
  nodeMutant("tells-failures", "BASE-242", "tells the asker how its handler failed", tellsFailures),
  nodeMutant("answers-twice", "BASE-234 BASE-230", "answers each request twice", () => doublesToSuite(isEnd)),
  nodeMutant("answers-repeated", "BASE-233 BASE-234", "answers a request whose id is open", answersRepeated),
  nodeMutant("never-busy", "BASE-232 BASE-212", "has any number of requests open", () =>
    withLimits({ maxRequestsPerPeer: 1_000_000 }),
  ),
  nodeMutant("drops-silently", "BASE-236", "does not tell handlers that their asker is gone", () =>
    dropsReports((report) => report.report === "dropped"),
  ),
  nodeMutant("time-stands", "BASE-214 BASE-237 BASE-210 MESH-067 MESH-065", "knows no deadlines", () =>
    altersCommands((command) => (command.do === "advance" ? { ...command, ms: 0 } : command)),
  ),
  nodeMutant("ignores-answers", "BASE-210 BASE-213 BASE-220 BASE-221", "takes no answers", () => dropsToNode(isEnd)),
  nodeMutant("request-without-data", "BASE-210", "asks without data", () =>
    rewritesToSuite(isRequest, ({ items }) => ({ items: [...items.slice(0, 3), null] })),
  ),
  nodeMutant("matches-by-order", "BASE-213", "takes the n-th answer for the n-th request", matchesByOrder),
  nodeMutant(
    "own-end-code",
    "BASE-215 BASE-225 BASE-240 BASE-222 BASE-210",
    "tells the asker a code of its own",
    () => ({
      failure: (command, error) => ({ error: command.do === "request" ? { code: "failed", message: "" } : error }),
    }),
  ),
  nodeMutant("gives-up-nothing", "BASE-216", "keeps the place of a request that was given up", () =>
    altersCommands((command) => (command.do === "give-up" ? { do: "peers", node: command.node } : command)),
  ),
  nodeMutant("any-answer", "BASE-217", "takes an answer of anybody", takesAnyAnswer),
  nodeMutant("strict-answers", "BASE-218", "ends a connection for an answer to nothing", () =>
    noting(hangsUpOn((message, link) => isEnd(message) && !link.memory.has(`asked ${String(message.items[1])}`))),
  ),
  nodeMutant("strict-second-answers", "BASE-218", "ends a connection for a second answer", () => {
    const seen = new Set<unknown>();
    return hangsUpOn((message) => isEnd(message) && seen.size === seen.add(message.items[1]).size);
  }),
  nodeMutant("one-id", "BASE-219", "gives every request the same id", () =>
    rewritesToSuite(isRequest, ({ items }) => ({ items: [items[0] ?? 0, 1, ...items.slice(2)] })),
  ),
  nodeMutant("ignores-redirected", "BASE-220 BASE-222 BASE-221", "ignores redirections", () =>
    dropsToNode(isRedirected),
  ),
  nodeMutant("keeps-nothing-early", "BASE-221", "does not keep what comes before its redirected", keepsNothingEarly),
  nodeMutant("forgets-at-loss", "BASE-223", "ends redirected requests when a connection is lost", forgetsAtLoss),
  nodeMutant("keeps-all-early", "BASE-224", "keeps any number of early answers", () =>
    // With room for all of them the junk changes nothing: as if it had not come.
    dropsToNode((message) => isEnd(message) && message.items[2] === "junk"),
  ),
  nodeMutant("forward-without-path", "BASE-235", "forwards without telling who had the request", () =>
    rewritesToSuite(isForward, ({ items }) => ({ items: withPath(items, []) })),
  ),
  nodeMutant("forwards-silently", "BASE-243", "does not tell the asker that it forwarded", () =>
    dropsToSuite(isRedirected),
  ),
  nodeMutant("never-forwards", "BASE-230 BASE-235", "forwards nothing", () => dropsToSuite(isForward)),
  nodeMutant("answers-impostors", "BASE-248", "answers whoever takes the temporary connection", () => ({
    toNode: (bytes, message, link) => {
      if (message && isHandshake(message)) link.toSuite(whisper(message, subtype.response, 25, "secret"));
      return [bytes];
    },
  })),
  nodeMutant("dials-for-refusals", "BASE-245", "dials to tell that nobody takes a type", () =>
    changesForward((items) => items.map((item) => (item === "nobody-takes-this" ? "echo" : item))),
  ),
  nodeMutant("dials-all-addresses", "BASE-239", "tries every address of an asker", () =>
    noting({
      toNode: (bytes, message, link) => {
        const addresses = message?.items[2];
        if (!message || !isForward(message) || !Array.isArray(addresses) || addresses.length < 5) return [bytes];
        const [kind = 0, asker = 0, , id = 0, ...rest] = message.items;
        link.toNode(
          rewrite(message, { items: [kind, asker, addresses.slice(4) as Packable[], Number(id) + 1, ...rest] }),
        );
        return [bytes];
      },
    }),
  ),
  nodeMutant("any-path", "BASE-246", "does not look at the path of a forward", () =>
    changesForward((items) => withPath(items, [(items[6] as Packable[]).at(-1) ?? 0])),
  ),
  nodeMutant("any-last", "BASE-247", "does not look at who ends the path of a forward", () =>
    changesForward((items, link) => withPath(items, [idOf(link)])),
  ),
  nodeMutant("answers-itself", "BASE-249", "treats a forward of its own request like any other", () =>
    changesForward((items, link) => [items[0] ?? 0, idOf(link), ...items.slice(2)]),
  ),
];
