// The few assertions that cases use; each failure says what was wanted and what came.
import { Refusal } from "../reference/refusal.js";
import { toHex } from "../reference/value.js";

/** Thrown by a case whose target breaks a requirement. */
export class CaseFailure extends Error {
  override readonly name = "CaseFailure";
}

export function check(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CaseFailure(message);
}

export function checkBytes(got: Uint8Array, wanted: Uint8Array, what: string): void {
  check(toHex(got) === toHex(wanted), `${what}: wanted ${short(toHex(wanted))}, got ${short(toHex(got))}`);
}

export function checkEqual(got: unknown, wanted: unknown, what: string): void {
  const [a, b] = [show(got), show(wanted)];
  check(a === b, `${what}: wanted ${short(b)}, got ${short(a)}`);
}

/** The call must be refused with a `Refusal`; returning or crashing fails the case. */
export async function checkRefused(call: Promise<unknown>, what: string): Promise<Refusal> {
  let value: unknown;
  try {
    value = await call;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw new CaseFailure(`${what}: crashed instead of refusing: ${String(error)}`, { cause: error });
  }
  throw new CaseFailure(`${what}: accepted, got ${short(show(value))}`);
}

/** A canonical text of a value: sorted keys, typed numbers, hexadecimal bytes. */
export function show(value: unknown): string {
  if (value instanceof Uint8Array) return `bin:${toHex(value)}`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(show).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${show(item)}`).join(",")}}`;
  }
  return String(value);
}

function short(text: string): string {
  return text.length > 160 ? `${text.slice(0, 150)}… (${text.length} characters)` : text;
}
