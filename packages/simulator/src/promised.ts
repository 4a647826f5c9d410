// Promises where an answer is due would count as true.

/** The promise that a value is, of whatever library; undefined if it is none. */
export function promiseOf(value: unknown): Promise<unknown> | undefined {
  const isPromise = typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
  return isPromise ? Promise.resolve(value) : undefined;
}

/** Throws for an answer that is a promise, and lets that one fail without being heard. @throws TypeError */
export function refusePromise(who: string, answer: unknown): void {
  const promise = promiseOf(answer);
  if (promise === undefined) return;
  promise.catch(() => {});
  throw new TypeError(`${who} answers at once, by no promise`);
}
