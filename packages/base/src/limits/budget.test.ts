import { expect, test } from "vitest";
import { MemoryBudget } from "./budget.js";

test("[BASE-132] what is over the budget is refused, and nothing of it taken", () => {
  const budget = new MemoryBudget(100);
  expect([budget.reserve(60), budget.reserve(41), budget.reserve(40), budget.reserve(1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([budget.usedBytes, budget.refusals]).toEqual([100, 2]);
  budget.release(50);
  expect(budget.reserve(50)).toBe(true);
});

test("[BASE-132] an account gives back what it holds, no more", () => {
  const budget = new MemoryBudget(100);
  const account = budget.account();
  const other = budget.account();
  expect(other.reserve(10)).toBe(true);
  expect(account.reserve(80)).toBe(true);
  expect(account.reserve(20)).toBe(false);
  account.release(1_000);
  expect([account.heldBytes, budget.usedBytes]).toEqual([0, 10]);
  account.reserve(5);
  account.releaseAll();
  account.releaseAll();
  expect(budget.usedBytes).toBe(10);
  budget.release(1_000);
  expect(budget.usedBytes).toBe(0);
});

test("[BASE-132] the error says how much was in use, and what to do", () => {
  const error = new MemoryBudget(10).refusal(11, "tcp://h:1");
  expect([error.code, error.peer]).toEqual(["budget-exceeded", "tcp://h:1"]);
  expect(error.message).toMatch(/11 bytes.*0 of 10.*raise memoryBudgetBytes/);
});
