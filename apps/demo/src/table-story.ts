// The second part of the story: a table that all share, a write that a lease refuses, and one that is killed and comes back.
import type { Cast, Member } from "./cast.js";
import type { Name } from "./deliveries.js";
import { milliseconds, type Narrator } from "./narrator.js";

/** Tells it on processes that form a mesh; whether all tables were equal in the end is the cast's to say. */
export async function tellOfTable(cast: Cast, narrator: Narrator): Promise<void> {
  await share(cast, narrator);
  await refuse(cast, narrator);
  await comeBack(cast, narrator);
}

async function share(cast: Cast, narrator: Narrator): Promise<void> {
  narrator.chapter(
    "They share a table",
    "Each writes a key of its own. Reads and writes are local; what was written goes to everybody.",
    "Equal tables have equal digests: SHA-256 over all keys, values and versions.",
  );
  const start = performance.now();
  for (const name of cast.alive.keys())
    cast.order(name, { do: "write", key: keyOf(name), value: `hello from ${name}` });
  await equal(cast, cast.alive.size);
  narrator.fact(`After ${milliseconds(performance.now() - start)} all have the same:`);
  narrator.tables(cast.tables());
}

async function refuse(cast: Cast, narrator: Narrator): Promise<void> {
  const [owner = "", thief = ""] = cast.alive.keys();
  const key = keyOf(owner);
  narrator.chapter(
    "A lease is refused",
    `Who writes a key first owns it, for an hour unless it writes again. ${thief} tries to write "${key}".`,
  );
  const member = cast.alive.get(thief);
  cast.order(thief, { do: "write", key, value: `${thief} was here` });
  await cast.until(
    () => member?.refusal !== undefined,
    () => `${thief} to be refused`,
  );
  const { owner: by = "", expiresAtMs = 0 } = member?.refusal ?? {};
  const minutes = Math.round((expiresAtMs - Date.now()) / 60_000);
  narrator.refusal(thief, key, { owner: cast.nameOf(by), minutes });
}

async function comeBack(cast: Cast, narrator: Narrator): Promise<void> {
  const name = [...cast.alive.keys()].at(-1) ?? "";
  narrator.chapter(
    `${name} is killed, and comes back`,
    "While it is away the others write, and one deletes its key. It starts with nothing, and asks its neighbours.",
  );
  narrator.fact(`kill -9 ${cast.alive.get(name)?.actor.pid}`);
  cast.kill(name);
  const [first = "", second = ""] = cast.alive.keys();
  cast.order(first, { do: "write", key: keyOf(first), value: null });
  cast.order(second, { do: "write", key: keyOf(second), value: `${second} did not wait` });
  await cast.until(
    () => [first, second].every((each) => cast.alive.get(each)?.hasWritten === true),
    () => `${first} and ${second} to write`,
  );
  // What it wrote is still there; what was deleted is not.
  const keys = cast.alive.size;
  const start = performance.now();
  const { actor, id, address } = await cast.start(name, [cast.alive.get(first)?.address ?? ""]);
  narrator.process(name, { pid: actor.pid, id, address });
  await equal(cast, keys);
  narrator.fact(`${milliseconds(performance.now() - start)} after it started, all have the same again:`);
  narrator.tables(cast.tables());
}

/** Resolves when all tables have so many keys and the same digest. */
async function equal(cast: Cast, keys: number): Promise<void> {
  const isEqual = (members: readonly Member[]): boolean => {
    const digests = new Set(members.map(({ table }) => table?.digest));
    return digests.size === 1 && members.every(({ table }) => table?.keys === keys);
  };
  await cast.until(
    () => isEqual([...cast.alive.values()]),
    () => `all tables to be equal, with ${keys} keys`,
  );
}

function keyOf(name: Name): string {
  return `desk/${name}`;
}
