// A few of a kind, as a tuple whose length the compiler knows.

export interface Several<T> {
  readonly 1: readonly [T];
  readonly 2: readonly [T, T];
  readonly 3: readonly [T, T, T];
  readonly 4: readonly [T, T, T, T];
  readonly 7: readonly [T, T, T, T, T, T, T];
}

/** Makes so many, one after the other. */
export async function several<T, Count extends keyof Several<T>>(
  count: Count,
  make: (index: number) => Promise<T>,
): Promise<Several<T>[Count]> {
  const all: T[] = [];
  for (let index = 0; index < count; index++) all.push(await make(index));
  return first(all, count);
}

/** The first so many of a list that has them. */
export function first<T, Count extends keyof Several<T>>(list: readonly T[], count: Count): Several<T>[Count] {
  if (list.length < count) throw new Error(`there are ${list.length} of ${count}`);
  return list.slice(0, count) as unknown as Several<T>[Count]; // it has as many
}
