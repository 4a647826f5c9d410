// The pieces that node mutants are made of: each returns a layer that breaks a sound node in one way.
import type { NodeOptions } from "../driver/node-options.js";
import type { Command, Report } from "../driver/protocol.js";
import type { Packable } from "../reference/msgpack.js";
import type { Interference, Link } from "../stage/interference.js";
import { type Message, rewrite } from "../stage/message.js";
import { handshakeMap, isClose, isHandshake, subtype } from "../stage/messages.js";

export type Match = (message: Message, link: Link) => boolean;

const never: unique symbol = Symbol("nothing");

/** The node never says why and never ends a connection. */
export function neverCloses(): Interference {
  return {
    toSuite: (frame, message) => (message && isClose(message) ? [] : [frame]),
    hidesEnd: () => true,
  };
}

/** The node closes with another code. */
export function closesWith(code: number): Interference {
  return rewritesToSuite(isClose, (message) => ({ items: [subtype.close, code, ...message.items.slice(2)] }));
}

/** The node ends connections without saying why. */
export function closesSilently(): Interference {
  return dropsToSuite(isClose);
}

/** The node does not hear messages that match. */
export function dropsToNode(match: Match): Interference {
  return { toNode: (bytes, message, link) => (message && match(message, link) ? [] : [bytes]) };
}

/** The node does not say messages that match. */
export function dropsToSuite(match: Match): Interference {
  return { toSuite: (frame, message, link) => (message && match(message, link) ? [] : [frame]) };
}

/** The node says messages that match twice. */
export function doublesToSuite(match: Match): Interference {
  return { toSuite: (frame, message, link) => (message && match(message, link) ? [frame, frame] : [frame]) };
}

export interface Change {
  readonly type?: Packable;
  readonly sender?: Packable;
  readonly time?: Packable;
  readonly items?: readonly Packable[];
}

/** What the node says is altered; an undefined change lets the message pass. */
export function rewritesToSuite(
  match: Match,
  change: (message: Message, link: Link) => Change | undefined,
): Interference {
  return {
    toSuite: (frame, message, link) => {
      const altered = message && match(message, link) ? change(message, link) : undefined;
      return [message && altered ? rewrite(message, altered) : frame];
    },
  };
}

/** What the node hears is altered, as if it did not look at what the change hides. */
export function rewritesToNode(
  match: Match,
  change: (message: Message, link: Link) => Change | undefined,
): Interference {
  return {
    toNode: (bytes, message, link) => {
      const altered = message && match(message, link) ? change(message, link) : undefined;
      return [message && altered ? rewrite(message, altered) : bytes];
    },
  };
}

export type MapChange = { readonly [key: string]: Packable | typeof never };

/** Marks a key of a handshake to be left out. */
export const leftOut: typeof never = never;

function changedMap(message: Message, change: MapChange): readonly Packable[] {
  const map: { [key: string]: Packable } = { ...(handshakeMap(message) as { [key: string]: Packable }) };
  for (const [key, value] of Object.entries(change)) {
    if (value === never) delete map[key];
    else map[key] = value as Packable;
  }
  return [subtype.handshake, map];
}

/** The node does not look at some keys of the handshakes that it hears: it hears these values instead. */
export function hearsHandshake(change: (map: ReturnType<typeof handshakeMap>) => MapChange): Interference {
  return rewritesToNode(isHandshake, (message) => ({ items: changedMap(message, change(handshakeMap(message))) }));
}

/** The node says other values in its handshakes. */
export function saysHandshake(change: (map: ReturnType<typeof handshakeMap>) => MapChange): Interference {
  return rewritesToSuite(isHandshake, (message) => ({ items: changedMap(message, change(handshakeMap(message))) }));
}

/** The node hangs up, with or without a close message, when it hears a message that matches. */
export function hangsUpOn(match: Match): Interference {
  return {
    toNode: (bytes, message, link) => {
      if (!message || !match(message, link)) return [bytes];
      link.endToSuite();
      return [];
    },
  };
}

/** The node runs with other limits. */
export function withLimits(limits: { readonly [name: string]: number }): Interference {
  return withOptions((options) => ({ ...options, limits: { ...options.limits, ...limits } }));
}

export function withOptions(change: (options: NodeOptions) => NodeOptions): Interference {
  return { options: change };
}

/** Reports that match are not made. */
export function dropsReports(match: (report: Report) => boolean): Interference {
  return { report: (report) => (match(report) ? [] : [report]) };
}

/** Reports that match are made twice. */
export function doublesReports(match: (report: Report) => boolean): Interference {
  return { report: (report) => (match(report) ? [report, report] : [report]) };
}

/** Reports are altered. */
export function altersReports(change: (report: Report) => Report): Interference {
  return { report: (report) => [change(report)] };
}

/** Commands are altered before the node gets them. */
export function altersCommands(change: (command: Command) => Command): Interference {
  return { command: change };
}

/** Several layers as one; bytes pass them in order towards the node, and in the reverse order from it. */
export function layers(...parts: readonly Interference[]): Interference {
  return {
    options: (options) => parts.reduce((sum, part) => part.options?.(sum) ?? sum, options),
    command: (command) => parts.reduce((sum, part) => part.command?.(sum) ?? sum, command),
    hidesEnd: (link) => parts.some((part) => part.hidesEnd?.(link) === true),
    report: (report) =>
      parts.reduce<readonly Report[]>((sum, part) => sum.flatMap((one) => part.report?.(one) ?? [one]), [report]),
    toNode: (bytes, message, link) => pass(parts, bytes, (part, one) => part.toNode?.(one, message, link)),
    toSuite: (bytes, message, link) =>
      pass([...parts].reverse(), bytes, (part, one) => part.toSuite?.(one, message, link)),
  };
}

function pass(
  parts: readonly Interference[],
  bytes: Uint8Array,
  through: (part: Interference, bytes: Uint8Array) => readonly Uint8Array[] | undefined,
): readonly Uint8Array[] {
  return parts.reduce<readonly Uint8Array[]>((sum, part) => sum.flatMap((one) => through(part, one) ?? [one]), [bytes]);
}
