// A request that is forwarded: who may answer, by which way, how often, and what a liar achieves.
import { decodeValue, type NodeId, type WireValue } from "@p2p/wire";
import { describe, expect, test } from "vitest";
import { type FakeBody, failure, idOf, link } from "../testing/fake-request-link.js";
import { encodeRequestMessage } from "./request-messages.js";

describe("bounce", () => {
  test("[BASE-220] [BASE-243] the node that it is forwarded to answers the asker", async () => {
    const { net, a, b, c } = link(3);
    b.handlers.set("ask", (_, context) => context.forward(c.id));
    c.handlers.set("ask", (message) => `${message.data} from c for ${message.from === a.id ? "a" : "?"}`);
    const asked = a.requests.request(b.id, "hello", { type: "ask" });
    await net.run();
    expect(await asked).toMatchObject({ data: "hello from c for a", from: c.id, type: "ask" });
    for (const peer of [a, b, c])
      expect(peer.requests.counters).toMatchObject({ asking: 0, answering: 0, unmatchedAnswers: 0 });
  });

  test("[BASE-221] the answer may overtake the redirection", async () => {
    const { net, a, b, c } = link(3);
    b.handlers.set("message", (_, context) => context.forward(c.id));
    c.handlers.set("message", () => "quick");
    const asked = a.requests.request(b.id, null);
    await net.clock.settle();
    net.deliver(net.wires.shift() as FakeBody);
    await net.clock.settle();
    const [forward, redirected] = net.wires.splice(0);
    net.deliver(forward as FakeBody);
    await net.clock.settle();
    net.deliver(net.wires.shift() as FakeBody);
    expect(a.requests.counters.asking).toBe(1);
    net.deliver(redirected as FakeBody);
    expect((await asked).from).toBe(c.id);
  });

  test("[BASE-244] without a connection to the asker, its address is dialled for the answer", async () => {
    const { net, a, b, c } = link(3);
    net.cut(a, c);
    b.handlers.set("message", (_, context) => context.forward(c.id));
    c.handlers.set("message", () => "by its address");
    const asked = a.requests.request(b.id, null);
    await net.run();
    expect((await asked).data).toBe("by its address");
    expect(c.dialled).toEqual([`memory://of ${a.id}`]);
  });

  test("[BASE-132] [BASE-224] answers that are held count in the memory of the node, and are let go for want of it", async () => {
    const { net, b, d } = link(4);
    net.budgetBytes = 200;
    const a = net.add(9);
    void a.requests.request(b.id, null).catch(() => undefined);
    await net.clock.settle();
    const requestId = (decodeValue(net.wires[0]?.bytes as Uint8Array) as WireValue[])[1] as number;
    const response = encodeRequestMessage({ kind: "response", requestId, data: "early" });
    a.requests.receive(response, { from: d.id, time: 7, bytes: 150, isDirect: true });
    expect(a.budget.usedBytes).toBe(150);
    a.requests.receive(response, { from: idOf(77), time: 7, bytes: 100, isDirect: true });
    expect([a.budget.usedBytes, a.requests.counters.unmatchedAnswers]).toEqual([0, 2]);
    a.requests.receive(response, { from: d.id, time: 7, bytes: 150, isDirect: true });
    expect(a.budget.usedBytes).toBe(150);
    b.handlers.set("message", () => 1);
    await net.run();
    expect(a.budget.usedBytes).toBe(0);
  });

  test("[BASE-239] of many addresses few are tried, and none when dialling is off", async () => {
    for (const [addressesTried, dialled] of [
      [2, ["memory://1", "memory://2"]],
      [0, []],
    ] as const) {
      const { net, a, b, c } = link(3, { addressesTried });
      net.cut(a, c);
      c.handlers.set("message", () => "x");
      const askerAddresses = [1, 2, 3].map((n) => `memory://${n}`);
      const forward = { kind: "forward", asker: a.id, requestId: 5, type: "message", data: 1, path: [b.id] } as const;
      const arrival = { from: b.id, time: 7, bytes: 100, isDirect: true };
      c.requests.receive(encodeRequestMessage({ ...forward, askerAddresses }), arrival);
      await net.clock.settle();
      expect(c.dialled).toEqual(dialled);
      expect(c.requests.counters.unsentAnswers).toBe(addressesTried === 0 ? 1 : 0);
    }
  });

  test("[BASE-245] refusals that no handler made are not worth a dial", async () => {
    const { net, a, b, c } = link(3, { timeoutMs: 50 });
    net.cut(a, c);
    b.handlers.set("message", (_, context) => context.forward(c.id));
    const asked = failure(a.requests.request(b.id, null));
    await net.run();
    expect([c.dialled, c.requests.counters.unsentAnswers]).toEqual([[], 1]);
    await net.clock.advance(50);
    expect((await asked).code).toBe("request-timeout");
  });

  test("[BASE-243] forwarding to a node out of reach leaves the request open", async () => {
    const { net, a, b, c } = link(3);
    net.cut(b, c);
    b.handlers.set("message", async (_, context) => {
      expect((await failure(context.forward(c.id))).code).toBe("dial-unreachable");
      return "then I do it";
    });
    const asked = a.requests.request(b.id, null);
    await net.run();
    expect(await asked).toMatchObject({ data: "then I do it", from: b.id });
  });

  test("[BASE-222] circles are refused where they start: to the asker, to itself, to one that had it", async () => {
    const { net, a, b, c } = link(3);
    b.handlers.set("message", (_, context) => context.forward(c.id));
    const codes: string[] = [];
    c.handlers.set("message", async (message, context) => {
      for (const to of [message.from, b.id, c.id]) codes.push((await failure(context.forward(to))).code);
      return "done";
    });
    const asked = a.requests.request(b.id, null);
    await net.run();
    expect((await asked).data).toBe("done");
    expect(codes).toEqual(["bad-redirect", "bad-redirect", "bad-redirect"]);
  });

  test("[BASE-222] a request is forwarded four times and no more", async () => {
    const { net, peers, a } = link(8);
    for (const [index, peer] of peers.entries()) {
      const next = peers[index + 1];
      if (next !== undefined) peer.handlers.set("message", (_, context) => context.forward(next.id));
    }
    const asked = failure(a.requests.request(peers[1]?.id as NodeId, null));
    await net.run();
    const last = peers[5];
    expect(await asked).toMatchObject({ code: "refused", remoteCode: "handler-failed", peer: last?.id });
    expect(last?.errors[0]?.cause).toMatchObject({ code: "bad-redirect" });
  });

  test("[BASE-246] a peer that forwards a request in a circle or too often is refused, whatever it claims", async () => {
    const { net, a, b, c } = link(3);
    const arrival = { from: b.id, time: 7, bytes: 100, isDirect: true };
    const forward = {
      kind: "forward",
      asker: a.id,
      askerAddresses: [],
      requestId: 5,
      type: "message",
      data: 1,
    } as const;
    for (const path of [
      [c.id, b.id],
      [a.id, b.id],
      [idOf(91), idOf(92), idOf(93), idOf(94), b.id],
    ]) {
      c.requests.receive(encodeRequestMessage({ ...forward, path }), arrival);
      await net.clock.settle();
      const [refusal] = net.wires.splice(0);
      expect(refusal?.to).toBe(a.id);
      expect(decodeValue(refusal?.bytes as Uint8Array)).toMatchObject([0x31, 5, "bad-forward", expect.any(String)]);
    }
    c.requests.receive(encodeRequestMessage({ ...forward, asker: c.id, path: [b.id] }), arrival);
    await net.clock.settle();
    expect([net.wires, c.requests.counters.unmatchedAnswers]).toEqual([[], 1]);
    expect(() => c.requests.receive(encodeRequestMessage({ ...forward, path: [idOf(90)] }), arrival)).toThrow(
      expect.objectContaining({ code: "bad-message" }),
    );
  });

  test("[BASE-217] a node that was not named cannot answer, even if it knows the number", async () => {
    const { net, a, b, d } = link(4);
    b.handlers.set("message", () => "the right one");
    const asked = a.requests.request(b.id, null);
    await net.clock.settle();
    const requestId = (decodeValue(net.wires[0]?.bytes as Uint8Array) as WireValue[])[1] as number;
    const arrival = { from: d.id, time: 7, bytes: 100, isDirect: true };
    a.requests.receive(encodeRequestMessage({ kind: "response", requestId, data: "forged" }), arrival);
    a.requests.receive(encodeRequestMessage({ kind: "redirected", requestId, to: d.id }), arrival);
    await net.run();
    expect((await asked).data).toBe("the right one");
    expect(a.requests.counters.unmatchedAnswers).toBe(2);
  });
});
