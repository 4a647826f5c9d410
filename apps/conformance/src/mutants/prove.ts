// Runs cases against mutants until every requirement of every case has been seen to fail, or no mutant is left.
import type { CodecTarget } from "../codec/codec-target.js";
import type { DriverProcess } from "../driver/driver-process.js";
import type { Case } from "../runner/case.js";
import { runCase } from "../runner/run.js";
import { noInterference } from "../stage/interference.js";
import type { Mutant } from "./mutant.js";
import type { Proof } from "./proofs.js";

export interface ProveOptions {
  readonly mutants: readonly Mutant[];
  /** Breaks everything: tried last, for cases whose requirements have no mutant that they notice. */
  readonly hopeless: readonly Mutant[];
  /** The sound codec, on which every case has to pass before its failures count. */
  readonly codec: CodecTarget;
  readonly driver: () => Promise<DriverProcess>;
  /** Told of a case that fails where nothing is broken. */
  readonly onFlaw?: (one: Case, failure: string) => void;
  readonly deadlineMs: number;
  readonly parallel: number;
  readonly onCase?: (one: Case, proofs: readonly Proof[]) => void;
}

/** Mutants that no case notices which names a requirement that they break: the suite is blind there. */
export async function survivors(
  cases: readonly Case[],
  proofs: Iterable<readonly Proof[]>,
  options: ProveOptions,
): Promise<Mutant[]> {
  const noticed = new Set([...proofs].flat().map((proof) => proof.mutant));
  const left = options.mutants.filter((mutant) => !noticed.has(mutant.id));
  const alive: Mutant[] = [];
  const worker = async (): Promise<void> => {
    for (let mutant = left.pop(); mutant !== undefined; mutant = left.pop()) {
      if (!(await isNoticed(mutant, cases, options))) alive.push(mutant);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, worker));
  return alive;
}

async function isNoticed(mutant: Mutant, cases: readonly Case[], options: ProveOptions): Promise<boolean> {
  for (const one of cases) {
    if (one.kind !== mutant.kind || !one.requirements.some((id) => mutant.breaks.includes(id))) continue;
    if ((await runOn(one, mutant, options)) !== undefined) return true;
  }
  return false;
}

/** The proofs by case id; a case without one is left out. */
export async function prove(cases: readonly Case[], options: ProveOptions): Promise<Map<string, readonly Proof[]>> {
  const all = new Map<string, readonly Proof[]>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let one = cases[next]; one !== undefined; one = cases[next]) {
      next += 1;
      const proofs = await proveCase(one, options);
      if (proofs.length > 0) all.set(one.id, proofs);
      options.onCase?.(one, proofs);
    }
  };
  await Promise.all(Array.from({ length: options.parallel }, worker));
  return all;
}

/** A mutant in name only: what fails on it proves nothing about the case. */
const sound: Mutant = { kind: "node", id: "sound", what: "not broken", breaks: [], make: () => noInterference };

async function proveCase(one: Case, options: ProveOptions): Promise<Proof[]> {
  const proofs: Proof[] = [];
  const control = one.kind === "node" ? sound : { ...sound, kind: "codec" as const, target: options.codec };
  // Once more with patience: on a busy machine a sound node may be late.
  const patient = { ...options, deadlineMs: options.deadlineMs * 4 };
  const flaw = (await runOn(one, control, options)) && (await runOn(one, control, patient));
  if (flaw !== undefined) {
    options.onFlaw?.(one, flaw);
    return proofs;
  }
  const failures = new Map<string, string | undefined>();
  const failureOn = async (mutant: Mutant): Promise<string | undefined> => {
    if (!failures.has(mutant.id)) failures.set(mutant.id, await runOn(one, mutant, options));
    return failures.get(mutant.id);
  };
  for (const requirement of one.requirements) {
    for (const mutant of options.mutants) {
      if (mutant.kind !== one.kind || !mutant.breaks.includes(requirement)) continue;
      const failure = await failureOn(mutant);
      if (failure === undefined) continue;
      proofs.push({ mutant: mutant.id, requirement, failure: inShort(failure) });
      break;
    }
  }
  for (const mutant of options.hopeless) {
    if (proofs.length > 0 || mutant.kind !== one.kind) continue;
    const failure = await failureOn(mutant);
    if (failure !== undefined) proofs.push({ mutant: mutant.id, failure: inShort(failure) });
  }
  return proofs;
}

/** What the case says about the mutant; undefined when it passes. */
async function runOn(one: Case, mutant: Mutant, options: ProveOptions): Promise<string | undefined> {
  const result = await runCase(one, {
    codec: mutant.kind === "codec" ? mutant.target : undefined,
    driver: mutant.kind === "node" ? options.driver : undefined,
    ...(mutant.kind === "node" ? { interference: mutant.make() } : {}),
    deadlineMs: options.deadlineMs,
    parallel: 1,
  });
  return result.outcome === "failed" ? (result.reason ?? "failed") : undefined;
}

/** A failure without what differs from run to run: ids, ports, times. */
function inShort(failure: string): string {
  const short = failure
    .replaceAll(/[0-9a-f]{24,}|[1-9A-HJ-NP-Za-km-z]{40,}/g, "…")
    .replaceAll(/case-[0-9a-f]{12}|\d{2,}/g, "…")
    .replaceAll(/network \w{8} here, \w{8} there/g, "network … here, … there");
  return short.length > 120 ? `${short.slice(0, 119)}…` : short;
}
