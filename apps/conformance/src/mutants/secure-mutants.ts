// Nodes whose encrypted channels, or whose signatures of messages, are broken.

import { pack } from "../reference/msgpack.js";
import { signWith } from "../reference/secure/ed25519.js";
import { seedOf } from "../reference/secure/identity.js";
import { concat } from "../reference/value.js";
import type { Interference, Link } from "../stage/interference.js";
import { closeCode } from "../stage/messages.js";
import { recordKind } from "../stage/secure/secure-line.js";
import { altersCommands, altersReports, neverCloses, withLimits, withOptions } from "./layers.js";
import type { NodeMutant } from "./mutant.js";
import { nodeMutant } from "./node-mutant.js";

/** The node does not say records that match. */
function dropsRecords(match: (kind: number) => boolean): Interference {
  return { recordToSuite: (plaintext) => (match(plaintext[0] ?? -1) ? [] : [plaintext]) };
}

function rewritesRecords(kind: number, change: (plaintext: Uint8Array) => Uint8Array): Interference {
  return { recordToSuite: (plaintext) => [plaintext[0] === kind ? change(plaintext) : plaintext] };
}

/** A record counts as a whole message: what a frame has left over is lost. */
function oneFrameARecord(): Interference {
  return {
    recordToNode: (plaintext) => {
      const [kind = 0, a = 0, b = 0, c = 0, d = 0] = plaintext;
      const length = ((a * 256 + b) * 256 + c) * 256 + d;
      return kind !== recordKind.data || plaintext.length === 5 + length ? [plaintext] : [];
    },
  };
}

/** Only the first record of a long message arrives. */
function cutsShort(): Interference {
  const hasLong = (link: Link): boolean => link.memory.get("long") === true;
  return {
    recordToSuite: (plaintext, link) => {
      if (hasLong(link)) return [];
      if (plaintext.length > 60_000) link.memory.set("long", true);
      return [plaintext];
    },
  };
}

export const channelMutants: readonly NodeMutant[] = [
  nodeMutant("records-without-budget", "SEC-048", "does not count what came of a record that is not whole", () =>
    withLimits({ memoryBudgetBytes: 268_435_456 }),
  ),
  nodeMutant("other-cipher", "SEC-030", "does Noise with another cipher in its name", () => ({
    noise: (wanted) => ({ ...wanted, name: wanted.name.replace("ChaChaPoly", "AESGCM") }),
  })),
  nodeMutant("no-psk", "SEC-031", "does not mix in the network key", () => ({
    noise: (wanted) => (wanted.networkKey === undefined ? wanted : { ...wanted, networkKey: new Uint8Array(32) }),
  })),
  nodeMutant("other-prologue", "SEC-032", "has no tag in its prologue", () => ({
    noise: (wanted) => ({ ...wanted, prologue: wanted.prologue.subarray(-32) }),
  })),
  nodeMutant("no-proof", "SEC-033", "does not sign the handshake", () => ({
    payload: (told) => ({ ...told, sig: signWith(seedOf(0), new Uint8Array(32)) }),
  })),
  nodeMutant(
    "keeps-bad-channels",
    "SEC-032 SEC-034 SEC-035 SEC-036 SEC-037 SEC-038 SEC-039 SEC-042 SEC-043 SEC-047",
    "keeps channels that do not verify",
    neverCloses,
  ),
  nodeMutant("patient-shake", "SEC-035", "waits for ever for a handshake", () =>
    withLimits({ handshakeTimeoutMs: 1_000_000 }),
  ),
  nodeMutant("refuses-silently", "SEC-037 SEC-038", "does not tell whom it refuses why", () =>
    dropsRecords((kind) => kind === recordKind.close),
  ),
  nodeMutant("refuses-normally", "SEC-037 SEC-038 SEC-060", "refuses with the code normal", () => ({
    ...rewritesRecords(recordKind.close, () => concat([Uint8Array.of(recordKind.close), pack({ code: 0, text: "" })])),
    payload: (told) => (told.code === undefined ? told : { ...told, code: 0 }),
  })),
  nodeMutant("talks-plain", "SEC-039", "talks without security to who does", () =>
    withOptions(({ security, ...options }) => (security === undefined ? options : { ...options })),
  ),
  nodeMutant("other-kinds", "SEC-040", "counts kinds of records from 1", () => ({
    recordToSuite: (plaintext) => [concat([Uint8Array.of((plaintext[0] ?? 0) + 1), plaintext.subarray(1)])],
  })),
  nodeMutant("frame-a-record", "SEC-041", "takes a record for a frame", oneFrameARecord),
  nodeMutant("cuts-short", "SEC-041", "loses all but the first record of a long message", cutsShort),
  nodeMutant("no-end", "SEC-044", "ends without an end record", () => dropsRecords((kind) => kind === recordKind.end)),
  nodeMutant("trusting-end", "SEC-044 SEC-046", "takes every end for one in order", () =>
    altersReports((report) =>
      report.report === "disconnected" && report.code === closeCode.security ? { ...report, code: 255 } : report,
    ),
  ),
  nodeMutant("never-rekeys", "SEC-045", "keeps its first key", () =>
    withLimits({ rekeyAfterRecords: 1_000_000_000, rekeyAfterMs: 1_000_000_000 }),
  ),
  nodeMutant("close-untold", "SEC-047", "does not tell its application of a close record", () => ({
    failure: (_, { code }) => ({ error: { code, message: "failed" } }),
  })),
  nodeMutant("ignores-pins", "SEC-060", "does not look at the pin of an address", () =>
    altersCommands((command) =>
      command.do === "dial" ? { ...command, address: command.address.replace(/#.*/, "") } : command,
    ),
  ),
];
