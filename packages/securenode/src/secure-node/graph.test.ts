import { type NodeId, nodeIdFromBytes } from "@p2p/wire";
import fc from "fast-check";
import { expect, test } from "vitest";
import { identityOf } from "../testing/worlds.js";
import { Crawl, type Inquiry } from "./graph.js";

const ids = Array.from({ length: 12 }, (_, index) => identityOf(50 + index).id);
const id = (index: number): NodeId => ids[index] ?? identityOf(index).id;

/** Asks until nothing is left. @param links neighbours by number; who is not in it does not answer */
function crawled(
  links: readonly (readonly number[] | undefined)[],
  hops: number,
  maxNodes = 100,
  refuse: (inquiry: Inquiry) => boolean = () => false,
): Crawl {
  const crawl = new Crawl(id(0), (links[0] ?? []).map(id), hops, maxNodes);
  for (let inquiry = crawl.next(); inquiry !== undefined; inquiry = crawl.next()) {
    const theirs = links[ids.indexOf(inquiry.id)];
    if (theirs === undefined || refuse(inquiry)) crawl.failed(inquiry.id);
    else crawl.answered(inquiry.id, theirs.map(id), 1);
  }
  return crawl;
}

const line = [[1], [0, 2], [1, 3], [2, 4], [3]];

test("[SEC-245] a line is found to its end, with hops and ways", () => {
  const crawl = crawled(line, 8);
  const { nodes, edges, isComplete } = crawl.graph();
  expect([...nodes.values()].map(({ hops }) => hops)).toEqual([0, 1, 2, 3, 4]);
  expect(edges.map(({ ends }) => ends.map((end) => ids.indexOf(end)).sort())).toEqual(
    expect.arrayContaining([
      [0, 1],
      [1, 2],
      [2, 3],
      [3, 4],
    ]),
  );
  expect(edges.length).toBe(4);
  expect(edges.every(({ isMutual }) => isMutual)).toBe(true);
  expect(isComplete).toBe(true);
  expect(crawl.ways().get(id(4))).toEqual([id(1), id(2), id(3)]);
});

test("[SEC-245] nobody beyond the hops is asked, nor more nodes than the limit", () => {
  expect(crawled(line, 2).graph().nodes.size).toBe(3);
  const bounded = crawled(line, 8, 3).graph();
  expect([bounded.nodes.size, bounded.isComplete]).toEqual([3, false]);
});

test("[SEC-245] who does not answer is in the graph, and another way is tried", () => {
  const diamond = [
    [1, 2],
    [0, 3],
    [0, 3],
    [1, 2],
  ];
  const asked: string[] = [];
  const crawl = crawled(diamond, 8, 100, ({ id: to, path }) => {
    asked.push(`${ids.indexOf(to)} over ${path.map((via) => ids.indexOf(via))}`);
    return to === id(3) && path[0] === id(1);
  });
  expect(asked.filter((text) => text.startsWith("3"))).toEqual(["3 over 1", "3 over 2"]);
  expect(crawl.graph().isComplete).toBe(true);
  const silent = crawled([[1, 2], [0, 3], [0, 3], undefined], 8).graph();
  expect(silent.nodes.get(id(3))).toEqual({ id: id(3), hops: 2, neighbours: undefined, latencyMs: undefined });
  expect(silent.isComplete).toBe(false);
});

test("[SEC-245] ways do not get longer, and so end: nodes as far away are no way to each other", () => {
  const ring = [
    [2, 1],
    [0, 3],
    [0, 4],
    [1, 4],
    [2, 3],
  ];
  const asked: string[] = [];
  const crawl = crawled(ring, 8, 100, ({ id: to, path }) => {
    asked.push(`${ids.indexOf(to)} over ${path.map((via) => ids.indexOf(via))}`);
    return to === id(3);
  });
  expect(asked).toEqual(["2 over ", "1 over ", "4 over 2", "3 over 1"]);
  expect(crawl.graph().isComplete).toBe(false);
});

test("[SEC-245] what one end alone says is marked so", () => {
  const { edges } = crawled([[1], [0, 2, 1], []], 8).graph();
  expect(edges.map(({ ends, isMutual }) => [...ends.map((end) => ids.indexOf(end)).sort(), isMutual])).toEqual(
    expect.arrayContaining([
      [0, 1, true],
      [1, 2, false],
    ]),
  );
  expect(edges.length).toBe(2);
});

test("[SEC-245] a graph of liars who are all connected with each other has every node once, and every connection", () => {
  const many = Array.from({ length: 400 }, (_, index) => {
    const bytes = new Uint8Array(48);
    new DataView(bytes.buffer).setUint32(0, index + 1);
    return bytes;
  });
  // Texts of their own each time, as they come in answers.
  const told = (index: number): NodeId => nodeIdFromBytes(many[index % many.length] ?? new Uint8Array(48));
  const crawl = new Crawl(id(0), [told(0)], 8, 1_024);
  let asked = 0;
  for (let inquiry = crawl.next(); inquiry !== undefined; inquiry = crawl.next()) {
    const at = asked++;
    crawl.answered(
      inquiry.id,
      Array.from({ length: 250 }, (_, step) => told(at * 7 + step)),
      1,
    );
  }
  const { nodes, edges } = crawl.graph();
  expect(nodes.size).toBe(401);
  expect(edges.length).toBeGreaterThan(60_000);
});

test("[SEC-245] whoever says what: it ends, hops are the shortest, nodes are bounded", () => {
  const answers = fc.array(fc.option(fc.array(fc.nat({ max: 11 }), { maxLength: 6 }), { nil: undefined }), {
    minLength: 12,
    maxLength: 12,
  });
  const property = fc.property(answers, fc.integer({ min: 1, max: 4 }), (links, hops) => {
    const { nodes } = crawled(links, hops).graph();
    for (const node of nodes.values()) {
      expect(node.hops).toBeLessThanOrEqual(hops);
      for (const other of node.neighbours ?? []) {
        const near = nodes.get(other);
        if (node.hops < hops) expect(near?.hops ?? 99).toBeLessThanOrEqual(node.hops + 1);
      }
    }
  });
  fc.assert(property, { numRuns: 200 });
});
