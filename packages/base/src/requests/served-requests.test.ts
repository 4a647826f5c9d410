// The answerer's table (spec/base-requests.md, section 5).
import type { NodeId } from "@p2p/wire";
import { expect, test } from "vitest";
import { ServedRequests } from "./served-requests.js";

const a = "a" as NodeId;
const b = "b" as NodeId;
const c = "c" as NodeId;

function tableWith(perPeer = 2, total = 3): ServedRequests<string> {
  return new ServedRequests<string>({ perPeer, total });
}

function admit(table: ServedRequests<string>, asker: NodeId, sender: NodeId, requestId: number): string {
  const admission = table.admit(asker, sender, requestId);
  if (admission === "accepted") {
    table.add({
      asker,
      sender,
      requestId,
      isDirect: asker === sender,
      deadline: requestId * 10,
      bytes: 5,
      work: `${asker}${requestId}`,
    });
  }
  return admission;
}

test("[BASE-232] a peer has so many requests open here, all together so many; the rest is busy", () => {
  const table = tableWith();
  expect([1, 2, 3].map((n) => admit(table, a, a, n))).toEqual(["accepted", "accepted", "busy"]);
  expect([1, 2].map((n) => admit(table, b, b, n))).toEqual(["accepted", "busy"]);
  expect(table.refusedBusy).toBe(2);
  expect(table.remove(a, 1)).toBe(true);
  expect(admit(table, b, b, 2)).toBe("accepted");
});

test("[BASE-232] a forwarded request counts to the node that forwarded it", () => {
  const table = tableWith();
  expect(admit(table, a, b, 1)).toBe("accepted");
  expect(admit(table, c, b, 1)).toBe("accepted");
  expect(admit(table, a, b, 2)).toBe("busy");
  expect([table.countOf(a), table.countOf(b)]).toEqual([0, 2]);
});

test("[BASE-233] the same number of the same asker is ignored while open, and a new request afterwards", () => {
  const table = tableWith();
  expect([admit(table, a, a, 1), admit(table, a, a, 1), admit(table, a, b, 1)]).toEqual([
    "accepted",
    "duplicate",
    "duplicate",
  ]);
  expect(table.duplicates).toBe(2);
  table.remove(a, 1);
  expect(admit(table, a, a, 1)).toBe("accepted");
});

test("[BASE-234] only the first answer frees the slot", () => {
  const table = tableWith();
  admit(table, a, a, 1);
  expect([table.remove(a, 1), table.remove(a, 1), table.size, table.countOf(a)]).toEqual([true, false, 0, 0]);
});

test("[BASE-236] an asker that is gone takes its own requests along, not those it forwarded", () => {
  const table = tableWith();
  admit(table, a, a, 1);
  admit(table, b, a, 2);
  expect(table.peerLost(b)).toEqual([]);
  expect(table.peerLost(a).map((request) => request.work)).toEqual(["a1"]);
  expect([table.size, table.countOf(a)]).toEqual([1, 1]);
});

test("[BASE-237] requests that no handler answered in time come out", () => {
  const table = tableWith();
  admit(table, a, a, 1);
  admit(table, a, a, 2);
  expect(table.nextDeadline()).toBe(10);
  expect(table.expire(9)).toEqual([]);
  expect(table.expire(10).map((request) => request.work)).toEqual(["a1"]);
  expect(table.clear().map((request) => request.work)).toEqual(["a2"]);
  expect(table.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
});
