// Whether a history of operations on one object could have happened one at a time: the search of Wing and Gong (1993), with
// the states that were seen before left out, as Lowe (2017) does.

/** One operation, as a user saw it. */
export interface Operation<State> {
  readonly name: string;
  readonly invokedAt: number;
  /** Undefined: it never returned, or its caller was told that nobody knows: it may have happened at any time since, or not. */
  readonly returnedAt: number | undefined;
  /** The state after it, or undefined when what it returned cannot be in this state. */
  readonly step: (state: State) => State | undefined;
}

interface Step<State> {
  readonly done: bigint;
  readonly state: State;
}

/**
 * An order in which all operations that returned happened, each between its call and its return; undefined when there is none.
 *
 * @param initial the state before all; states are compared by `keyOf`
 */
export function linearize<State>(
  history: readonly Operation<State>[],
  initial: State,
  keyOf: (state: State) => string = String,
): readonly string[] | undefined {
  const operations = [...history].sort((a, b) => a.invokedAt - b.invokedAt);
  const required = operations.reduce(
    (mask, { returnedAt }, at) => (returnedAt === undefined ? mask : mask | bit(at)),
    0n,
  );
  const seen = new Set<string>();
  const search = ({ done, state }: Step<State>): string[] | undefined => {
    if ((done & required) === required) return [];
    const key = `${done.toString(36)} ${keyOf(state)}`;
    if (seen.has(key)) return undefined;
    seen.add(key);
    // Nothing that was called after another one returned comes before it.
    let latest = Number.POSITIVE_INFINITY;
    for (const [at, { returnedAt }] of operations.entries()) {
      if ((done & bit(at)) === 0n && returnedAt !== undefined) latest = Math.min(latest, returnedAt);
    }
    const next = operations
      .map((operation, at) => ({ operation, at }))
      .filter(({ operation, at }) => operation.invokedAt <= latest && (done & bit(at)) === 0n);
    // What may have happened is tried only where what did happen does not explain the rest.
    next.sort((x, y) => Number(x.operation.returnedAt === undefined) - Number(y.operation.returnedAt === undefined));
    for (const { operation, at } of next) {
      const after = operation.step(state);
      if (after === undefined || (operation.returnedAt === undefined && keyOf(after) === keyOf(state))) continue;
      const rest = search({ done: done | bit(at), state: after });
      if (rest !== undefined) return [operation.name, ...rest];
    }
    return undefined;
  };
  return search({ done: 0n, state: initial });
}

function bit(at: number): bigint {
  return 1n << BigInt(at);
}
