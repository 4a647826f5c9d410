// What the contract of transports checks with, bound to no assertion library: bytes that show any disorder, and errors.
import { BaseError, type BaseErrorCode } from "../errors.js";

/** Byte `i` of the stream is a mix of `i`, so that any loss, repeat or change of order shows. */
export function patternAt(offset: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => patternByte(offset + index));
}

function patternByte(index: number): number {
  return (index ^ (index >>> 8) ^ (index >>> 16)) & 255;
}

export function pattern(sizes: readonly number[]): Uint8Array[] {
  let offset = 0;
  return sizes.map((size) => {
    const chunk = patternAt(offset, size);
    offset += size;
    return chunk;
  });
}

export function checkPattern(bytes: Uint8Array, length: number): void {
  check(bytes.length === length, `${bytes.length} bytes instead of ${length}`);
  const wrong = bytes.findIndex((byte, index) => byte !== patternByte(index));
  check(wrong < 0, `byte ${wrong} is wrong`);
}

export function check(holds: boolean, message: string): void {
  if (!holds) throw new Error(`transport contract: ${message}`);
}

export function checkCode(error: unknown, codes: readonly BaseErrorCode[]): void {
  check(
    error instanceof BaseError && codes.includes(error.code),
    `no BaseError of ${codes.join(", ")}: ${String(error)}`,
  );
}

export async function failure(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error("transport contract: nothing was thrown");
}

export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
