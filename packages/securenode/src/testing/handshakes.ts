// For tests: two handshakes against each other, again and again with the same keys, and what became of them.
import type { Random } from "@p2p/base";
import { seededRandom } from "@p2p/base/testing";
import { dhKey } from "#x25519";
import { Handshake, type HandshakeOptions, type HandshakeStep, type Secured } from "../channel/handshake.js";
import type { DhKey } from "../primitives/primitives.js";
import { identityOf, networkIdForTests } from "./worlds.js";

/** A side whose keys are those of its number, in every run the same. */
export function sideOf(
  role: "dialer" | "acceptor",
  number: number,
  options: Partial<HandshakeOptions> = {},
): Handshake {
  const random = seededRandom(1_000 + number);
  return new Handshake({
    role,
    identity: identityOf(number),
    staticKey: draw(random),
    drawKey: () => draw(random),
    networkId: networkIdForTests,
    peer: "memory://peer:1",
    judge: () => undefined,
    ...options,
  });
}

function draw(random: Random): DhKey {
  return dhKey(random.bytes(32));
}

/** The message of a step that has one. */
export function messageOf(step: HandshakeStep): Uint8Array {
  if ("message" in step && step.message !== undefined) return step.message;
  throw new Error(`a step without a message: ${step.kind} ${step.kind === "fail" ? step.error.message : ""}`);
}

export function securedOf(step: HandshakeStep): Secured {
  if (step.kind === "done") return step.secured;
  throw new Error(`not done: ${step.kind} ${step.kind === "fail" ? step.error.message : ""}`);
}

/** The code that a step fails with; its kind if it does not. */
export function codeOf(step: HandshakeStep): string {
  if (step.kind === "fail") return codeOfError(step.error);
  if (step.kind === "refuse") return codeOfError(step.refusal.error);
  return step.kind;
}

export function codeOfError(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

/** What the two sides make of the three messages, where `alter` may change each on its way. Ends with the first failure. */
export function meet(
  dialler: Handshake,
  acceptor: Handshake,
  alter: (message: Uint8Array, number: number) => Uint8Array = (message) => message,
): readonly [dialler: string, acceptor: string] {
  const first = acceptor.step(alter(dialler.first(), 1));
  if (first.kind !== "answer") return ["waits", codeOf(first)];
  const second = dialler.step(alter(first.message, 2));
  if (second.kind === "fail") return [codeOf(second), "waits"];
  return [codeOf(second), codeOf(acceptor.step(alter(messageOf(second), 3)))];
}

/** The three messages of an undisturbed handshake. */
export function transcript(dialler: Handshake, acceptor: Handshake): readonly Uint8Array[] {
  const first = dialler.first();
  const second = messageOf(acceptor.step(first));
  const third = messageOf(dialler.step(second));
  return [first, second, third];
}

/** Both ends of an undisturbed handshake. */
export function agreed(dialler: Handshake, acceptor: Handshake): readonly [Secured, Secured] {
  const second = dialler.step(messageOf(acceptor.step(dialler.first())));
  return [securedOf(second), securedOf(acceptor.step(messageOf(second)))];
}

/** Every copy of the bytes with one bit turned. */
export function* turnedBits(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const turned = bytes.slice();
    turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield turned;
  }
}
