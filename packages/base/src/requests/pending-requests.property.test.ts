// Any sequence of events at the asker's table: each request ends at most once, by the node that a plain model allows.
import type { NodeId } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type AskerEvent, PendingRequests } from "./pending-requests.js";

const nodes = ["self", "b", "c", "d", "e"].map((name) => name as NodeId);
const [self = "" as NodeId, ...others] = nodes;
const limits = { perPeer: 2, total: 4, maxForwards: 2, earlyBytes: 50 };

const node = fc.constantFrom(...others);
const requestId = fc.integer({ min: 1, max: 4 });
const event: fc.Arbitrary<AskerEvent> = fc.oneof(
  fc.record({
    kind: fc.constant("answered" as const),
    from: node,
    data: fc.constant(null),
    bytes: fc.integer({ min: 1, max: 30 }),
  }),
  fc.record({
    kind: fc.constant("refused" as const),
    from: node,
    code: fc.constant("no"),
    message: fc.constant(""),
    bytes: fc.constant(5),
  }),
  fc.record({
    kind: fc.constant("redirected" as const),
    from: node,
    to: fc.constantFrom(...nodes),
    bytes: fc.constant(5),
  }),
);
const action = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("ask" as const), requestId, node, isDirect: fc.boolean() }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("hear" as const), requestId, event }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose" as const), node }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("expire" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("give up" as const), requestId }) },
);

/** Redirections heard about one request, by who said them first: where a chain of them leads. */
type Said = Map<NodeId, NodeId>;

test("[BASE-210] [BASE-217] [BASE-220] [BASE-222] an ending is allowed by the chain of redirections, and comes once", () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const table = new PendingRequests<number>(self, limits);
      const open = new Map<number, { asked: NodeId; said: Said; waiter: number }>();
      let waiters = 0;
      const ended = new Set<number>();
      const end = (id: number, waiter: number): void => {
        expect(ended.has(waiter)).toBe(false);
        ended.add(waiter);
        open.delete(id);
      };
      for (const step of actions) {
        switch (step.do) {
          case "ask": {
            if (open.has(step.requestId)) break;
            const waiter = waiters++;
            const { node: peer, isDirect } = step;
            if (table.add({ requestId: step.requestId, peer, isDirect, deadline: waiter, waiter })) {
              open.set(step.requestId, { asked: peer, said: new Map(), waiter });
            }
            break;
          }
          case "hear": {
            const model = open.get(step.requestId);
            const { event: heard } = step;
            if (heard.kind === "redirected" && model?.said.has(heard.from) === false)
              model.said.set(heard.from, heard.to);
            const ending = table.apply(step.requestId, heard);
            if (ending === undefined) break;
            expect(ending.waiter).toBe(model?.waiter);
            if (model !== undefined) expect(chain(model.asked, model.said)).toContain(ending.outcome.peer);
            end(step.requestId, ending.waiter);
            break;
          }
          case "lose":
            for (const ending of table.peerLost(step.node)) end(ending.requestId, ending.waiter);
            break;
          case "expire":
            for (const ending of table.expire(waiters / 2)) end(ending.requestId, ending.waiter);
            break;
          case "give up": {
            const waiter = open.get(step.requestId)?.waiter;
            expect(table.remove(step.requestId)).toBe(waiter !== undefined);
            if (waiter !== undefined) end(step.requestId, waiter);
            break;
          }
        }
        expect(table.size).toBe(open.size);
        expect(nodes.reduce((sum, id) => sum + table.countOf(id), 0)).toBe(table.size);
        expect(table.earlyBytes).toBeGreaterThanOrEqual(0);
        expect(table.earlyBytes).toBeLessThanOrEqual(limits.earlyBytes);
        if (table.size === 0) expect(table.earlyBytes).toBe(0);
      }
    }),
    { numRuns: 500 },
  );
});

/** The nodes that may be responsible, from the one asked on. */
function chain(asked: NodeId, said: Said): readonly NodeId[] {
  const nodesSeen = [asked];
  for (let next = said.get(asked); next !== undefined && !nodesSeen.includes(next); next = said.get(next)) {
    nodesSeen.push(next);
  }
  return nodesSeen;
}
