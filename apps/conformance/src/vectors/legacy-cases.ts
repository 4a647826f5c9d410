// Vectors of profile 0.7 as cases: recorded messages in all their dialects, sources and compressions make one case each.
import type { CodecTarget } from "../codec/codec-target.js";
import type { LegacyTarget } from "../codec/legacy-target.js";
import { toHex } from "../reference/value.js";
import type { CodecCase } from "../runner/case.js";
import { check, checkBytes, checkEqual, checkRefused } from "../runner/expect.js";
import { CaseSkipped } from "../runner/skip.js";
import { plainNotation } from "./legacy-notation.js";
import type { LoadedFile } from "./load.js";
import { readBytes } from "./notation.js";
import type { LegacyOperation, Vector } from "./vector.js";

type Runner = (vector: Vector, legacy: LegacyTarget) => Promise<void>;

const runners: Record<LegacyOperation, Runner> = {
  frame07: runFrame,
  "network-id07": async ({ name = "", security = "", text }, legacy) =>
    checkEqual(await legacy.networkId(name, security), text, "network id"),
  "node-id07": async ({ address = "", networkId = "", salt = "", text }, legacy) =>
    checkEqual(await legacy.nodeId(address, networkId, salt), text, "node id"),
};

/** One case for each group of vectors whose ids begin alike (before the first dot); none for files of profile 1.0. */
export function legacyCases(file: LoadedFile): CodecCase[] {
  if (!isLegacy(file.operation)) return [];
  const runner = runners[file.operation];
  const groups = new Map<string, Vector[]>();
  for (const vector of file.vectors) {
    const stem = vector.id.split(".")[0] ?? vector.id;
    groups.set(stem, [...(groups.get(stem) ?? []), vector]);
  }
  return [...groups].map(([stem, vectors]) => ({
    kind: "codec",
    id: `${file.path}/${stem}`,
    requirements: [...new Set(vectors.flatMap((vector) => vector.requirements))],
    title: `${file.title}: ${stem}`,
    run: async (target) => {
      for (const vector of vectors) await told(vector, runner(vector, legacyOf(target)));
    },
  }));
}

function isLegacy(operation: string): operation is LegacyOperation {
  return Object.hasOwn(runners, operation);
}

/** The 0.7 part of a codec; the case is skipped where there is none. */
export function legacyOf(target: CodecTarget): LegacyTarget {
  if (!target.legacy) throw new CaseSkipped("the target does not speak profile 0.7");
  return target.legacy;
}

async function told(vector: Vector, run: Promise<void>): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (error instanceof Error) error.message = `${vector.id}: ${error.message}`;
    throw error;
  }
}

async function runFrame(vector: Vector, legacy: LegacyTarget): Promise<void> {
  const frame = readBytes(vector.bytes ?? "");
  const body = frame.subarray(4);
  if (vector.error !== undefined || !vector.message) {
    await checkRefused(legacy.decode(body), "decoding");
    return;
  }
  const { bodies } = await legacy.cut([frame]);
  check(bodies.length === 1, `the frame was cut into ${bodies.length} bodies`);
  checkBytes(bodies[0] ?? frame, body, "body of the frame");
  const { message, id } = await legacy.decode(body);
  const { type, sender, time, payload } = vector.message;
  const plain = (one: { payload: readonly unknown[]; sender: unknown; time: unknown }): unknown =>
    [one.sender, one.time, ...one.payload].map(plainNotation);
  checkEqual(message.type, type, "main type");
  checkEqual(
    JSON.stringify(plain(message)),
    JSON.stringify(plain({ sender, time, payload })),
    "sender, time and payload",
  );
  checkEqual(toHex(id), vector.id_hex, "message id");
  const relayed = await legacy.relay(body);
  checkEqual(toHex((await legacy.decode(relayed.subarray(4))).id), vector.id_hex, "message id after a relay");
  if (vector.canonical !== false) {
    checkBytes(await legacy.encode({ type, sender, time, payload }), frame, "encoded frame");
  }
}
