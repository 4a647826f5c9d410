import { expect, test } from "vitest";
import { CounterLedger, Counters } from "./counters.js";

test("[BASE-160] totals hold open and closed connections; peers are summed over theirs", () => {
  const ledger = new CounterLedger<string>();
  const first = ledger.open("alice");
  const second = ledger.open("alice");
  const third = ledger.open("bob");
  first.messagesIn = 1;
  second.bytesOut = 20;
  third.errors = 3;
  expect(ledger.total()).toEqual(Object.assign(new Counters(), { messagesIn: 1, bytesOut: 20, errors: 3 }));
  ledger.close(first);
  ledger.close(first);
  ledger.close(new Counters());
  expect(ledger.total().messagesIn).toBe(1);
  second.messagesIn = 5;
  expect(ledger.byPeer().get("alice")).toMatchObject({ messagesIn: 6, bytesOut: 20 });
  expect(ledger.byPeer().get("bob")?.errors).toBe(3);
  ledger.addClosed(Object.assign(new Counters(), { bytesIn: 7 }));
  expect(ledger.total().bytesIn).toBe(7);
});

test("[BASE-160] departed peers are forgotten from the oldest on; totals are not", () => {
  const ledger = new CounterLedger<string>(2);
  for (const peer of ["a", "b", "a", "c"]) {
    const counters = ledger.open(peer);
    counters.messagesOut = 1;
    ledger.close(counters);
  }
  expect([...ledger.byPeer()].map(([peer, { messagesOut }]) => `${peer}${messagesOut}`)).toEqual(["a2", "c1"]);
  expect(ledger.total().messagesOut).toBe(4);
});
