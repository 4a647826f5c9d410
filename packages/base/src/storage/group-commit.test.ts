import { expect, test } from "vitest";
import { GroupCommit } from "./group-commit.js";

/** What is due, and what was written with whom. */
function desk() {
  const due = new Set<string>();
  const batches: string[][] = [];
  let broken: Error | undefined;
  const commits = new GroupCommit({
    isDue: () => due.size > 0,
    write: async (isAwaited) => {
      const batch = [...due, ...(isAwaited ? ["awaited"] : [])];
      due.clear();
      await undefined;
      if (broken !== undefined) throw broken;
      batches.push(batch);
    },
    failed: (cause) => new Error("told", { cause }),
  });
  const touch = (name: string) => {
    due.add(name);
    commits.touch();
  };
  return { commits, batches, touch, break: (error?: Error) => (broken = error) };
}

test("what changes in one turn shares a batch, what changes while it is written the next", async () => {
  const { commits, batches, touch } = desk();
  touch("a");
  touch("b");
  const first = commits.commit();
  await undefined;
  await undefined;
  touch("c");
  const second = commits.commit();
  await Promise.all([first, second]);
  expect(batches).toEqual([
    ["a", "b", "awaited"],
    ["c", "awaited"],
  ]);
});

test("all who wait are told of a failure, and later ones are served again", async () => {
  const { commits, batches, touch, break: fail } = desk();
  const cause = new Error("the disk is full");
  fail(cause);
  touch("a");
  const waits = [commits.commit(), commits.commit()];
  await expect(waits[0]).rejects.toMatchObject({ message: "told", cause });
  await expect(waits[1]).rejects.toMatchObject({ message: "told" });
  fail();
  touch("b");
  await commits.commit();
  expect(batches).toEqual([["b", "awaited"]]);
});

test("a commit with nothing to write resolves", async () => {
  const { commits, batches } = desk();
  await commits.commit();
  expect(batches).toEqual([["awaited"]]);
});
