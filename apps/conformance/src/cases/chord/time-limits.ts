// How long an operation of the dictionary may take (spec/chord-dictionary.md, section 3).
import type { NodeCase } from "../../runner/case.js";
import { check } from "../../runner/expect.js";
import { ask, keyOf, plain } from "../../stage/chord-dictionary.js";
import { type StagedKey, stageKey } from "../../stage/chord-holder.js";
import type { Stage } from "../../stage/stage.js";
import { nodeCase } from "../define.js";

const operationTimeoutMs = 12_000;
const stepMs = 250;

/** A node whose operations have 12 s, and five holders that hold the answer to these questions back. */
async function silentTo(stage: Stage, kinds: readonly number[]): Promise<StagedKey> {
  const staged = await stageKey(stage, keyOf("k"), { limits: { operationTimeoutMs } });
  for (const owner of staged.owners) {
    owner.keep(staged.key, plain(staged.nowUs - 1, "v"));
    owner.says = ([kind]) => (kinds.includes(Number(kind)) ? { answer: undefined } : undefined);
  }
  return staged;
}

/** Checks that it fails within its time, and not before it had to. */
async function failsInTime({ ring }: StagedKey, operation: Promise<unknown>): Promise<void> {
  let end: "done" | "failed" | undefined;
  operation.then(
    () => {
      end = "done";
    },
    () => {
      end = "failed";
    },
  );
  let tookMs = 0;
  for (; end === undefined && tookMs <= 2 * operationTimeoutMs; tookMs += stepMs) await ring.pass(stepMs);
  check(end !== "done", "it succeeded though nobody answered");
  const isInTime = tookMs >= operationTimeoutMs / 2 && tookMs <= operationTimeoutMs + 2 * stepMs;
  check(end === "failed" && isInTime, `with 12 s to spend it was over after ${tookMs} ms`);
}

export const timeLimitCases: readonly NodeCase[] = [
  nodeCase(
    "dictionary/time/get",
    "CHORD-260",
    "get ends when its time is over, attempts and waits together, though no holder answers",
    async (stage) => {
      const staged = await silentTo(stage, [ask.get]);
      await failsInTime(staged, staged.ring.node.call({ do: "get", key: "k" }));
    },
  ),
  nodeCase("dictionary/time/set", "CHORD-260", "so does set, though no holder takes the write", async (stage) => {
    const staged = await silentTo(stage, [ask.put]);
    await failsInTime(staged, staged.ring.node.call({ do: "set", key: "k", data: "new" }));
  }),
  nodeCase("dictionary/time/cas", "CHORD-260", "so does an atomic operation without promises", async (stage) => {
    const staged = await silentTo(stage, [ask.promise]);
    const cas = { do: "cas", key: "k", from: { data: "v" }, to: { data: "w" } } as const;
    await failsInTime(staged, staged.ring.node.call(cas));
  }),
];
