// Makes the platform's time and randomness throw, to prove that a world asks for neither.

/** Where each of the forbidden functions lives. */
const forbidden: readonly (readonly [owner: object, name: string])[] = [
  [Date, "now"],
  [performance, "now"],
  [globalThis, "setTimeout"],
  [globalThis, "setInterval"],
  [globalThis, "setImmediate"],
  [Math, "random"],
  [crypto, "getRandomValues"],
  [crypto, "randomUUID"],
  [AbortSignal, "timeout"],
];

/** @returns what allows them again; harmless when repeated */
export function forbidPlatform(): () => void {
  const saved = forbidden.map(([owner, name]) => [owner, name, Object.getOwnPropertyDescriptor(owner, name)] as const);
  const forbid = (owner: object, name: string, value: unknown): void => {
    Object.defineProperty(owner, name, { configurable: true, writable: true, value });
  };
  for (const [owner, name] of forbidden) {
    forbid(owner, name, () => {
      throw new Error(`${name} was called: a world is to ask for no real time or randomness`);
    });
  }
  const RealDate = Date;
  // `new Date()` reads the platform's clock too; `new Date(time)` and the static functions do not.
  const VirtualDate = new Proxy(RealDate, {
    construct(target, args) {
      if (args.length === 0) throw new Error("new Date() was called: a world is to ask for no real time");
      return Reflect.construct(target, args);
    },
  });
  forbid(globalThis, "Date", VirtualDate);
  return () => {
    forbid(globalThis, "Date", RealDate);
    for (const [owner, name, descriptor] of saved) {
      if (descriptor === undefined) Reflect.deleteProperty(owner, name);
      else Object.defineProperty(owner, name, descriptor);
    }
  };
}
