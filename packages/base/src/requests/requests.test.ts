// Requests of several nodes over a fake link: answers, refusals, and every way to give up.
import { describe, expect, test } from "vitest";
import { BaseError } from "../errors.js";
import { failure, link } from "../testing/fake-request-link.js";

describe("answer", () => {
  test("[BASE-210] [BASE-231] what the handler returns is the answer", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("sum", (message) => (message.data as number[]).reduce((x, y) => x + y));
    const asked = a.requests.request(b.id, [1, 2, 3], { type: "sum" });
    await net.run();
    expect(await asked).toEqual({ type: "sum", data: 6, from: b.id, time: 7 });
    expect([a.requests.counters.asking, b.requests.counters.answering]).toEqual([0, 0]);
  });

  test("[BASE-231] nothing returned is null; context.reply comes first and once", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("nothing", () => {});
    b.handlers.set("early", async (_, context) => {
      await context.reply("first");
      expect([context.isRequest, context.isAnswered]).toEqual([true, true]);
      expect((await failure(context.reply("second"))).code).toBe("already-answered");
      return "third";
    });
    const nothing = a.requests.request(b.id, null, { type: "nothing" });
    const early = a.requests.request(b.id, null, { type: "early" });
    await net.run();
    expect([(await nothing).data, (await early).data]).toEqual([null, "first"]);
    expect([a.requests.counters.unmatchedAnswers, b.errors]).toEqual([0, []]);
  });

  test("[BASE-231] a reply that the handler did not wait for counts too", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("message", (_, context) => {
      void context.reply("quick");
    });
    const asked = a.requests.request(b.id, null);
    await net.run();
    expect((await asked).data).toBe("quick");
    expect(b.errors).toEqual([]);
    expect(b.requests.counters.unsentAnswers).toBe(0);
  });

  test("[BASE-230] a reply that fails and that nobody waited for is a failure of the handler", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("message", (_, context) => {
      void context.reply(new Date() as never);
    });
    const asked = failure(a.requests.request(b.id, null));
    await net.run();
    expect((await asked).remoteCode).toBe("handler-failed");
    expect(b.errors.map((error) => error.code)).toEqual(["handler-failed"]);
  });

  test("[BASE-213] answers in another order than the requests", async () => {
    const { net, a, b } = link(2);
    const open: (() => void)[] = [];
    b.handlers.set("message", (message) => new Promise((resolve) => open.push(() => resolve(message.data))));
    const asked = [1, 2, 3].map((n) => a.requests.request(b.id, n));
    await net.run();
    for (const answer of open.reverse()) answer();
    await net.run();
    expect((await Promise.all(asked)).map((message) => message.data)).toEqual([1, 2, 3]);
  });

  test("[BASE-218] the same answer twice is used once and counted once", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("message", () => "x");
    const asked = a.requests.request(b.id, null);
    await net.clock.settle();
    const [request] = net.wires.splice(0);
    if (request !== undefined) net.deliver(request);
    await net.clock.settle();
    net.wires.push(...net.wires);
    await net.run();
    expect((await asked).data).toBe("x");
    expect(a.requests.counters.unmatchedAnswers).toBe(1);
  });
});

describe("refusal", () => {
  test("[BASE-240] context.refuse reaches the asker with code, text and who", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("message", (_, context) => context.refuse("not-today", "come back later"));
    const asked = failure(a.requests.request(b.id, null));
    await net.run();
    const error = await asked;
    expect(error).toMatchObject({
      code: "refused",
      remoteCode: "not-today",
      remoteMessage: "come back later",
      peer: b.id,
    });
    expect(b.errors).toEqual([]);
  });

  test("[BASE-241] no handler", async () => {
    const { net, a, b } = link(2);
    const asked = failure(a.requests.request(b.id, null, { type: "unheard" }));
    await net.run();
    expect(await asked).toMatchObject({ code: "refused", remoteCode: "no-handler" });
  });

  test("[BASE-242] a handler that throws: the asker learns nothing of it, the node reports it", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("throws", () => {
      throw new Error("password is 1234");
    });
    b.handlers.set("rejects", () => Promise.reject(new Error("secret")));
    const asked = ["throws", "rejects"].map((type) => failure(a.requests.request(b.id, null, { type })));
    await net.run();
    for (const error of await Promise.all(asked)) {
      expect(error).toMatchObject({ remoteCode: "handler-failed", remoteMessage: "the handler failed" });
    }
    expect(b.errors.map((error) => [error.code, error.peer])).toEqual([
      ["handler-failed", a.id],
      ["handler-failed", a.id],
    ]);
    expect(b.errors[0]?.cause).toMatchObject({ message: "password is 1234" });
  });

  test("[BASE-242] a handler that throws after it began to reply: the reply counts, the failure is reported", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("message", (_, context) => {
      void context.reply("sent");
      throw new Error("afterwards");
    });
    const asked = a.requests.request(b.id, null);
    await net.run();
    expect((await asked).data).toBe("sent");
    expect(b.errors.map((error) => error.code)).toEqual(["handler-failed"]);
    expect(b.requests.counters).toMatchObject({ answering: 0, unsentAnswers: 0 });
  });

  test("[BASE-242] a result that cannot be encoded is a failure of the handler", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("returns", () => new Date());
    b.handlers.set("replies", (_, context) => context.reply((() => 1) as never));
    const asked = ["returns", "replies"].map((type) => failure(a.requests.request(b.id, null, { type })));
    await net.run();
    expect((await Promise.all(asked)).map((error) => error.remoteCode)).toEqual(["handler-failed", "handler-failed"]);
    expect(b.errors.map((error) => error.code)).toEqual(["handler-failed", "handler-failed"]);
    expect(b.requests.counters.answering).toBe(0);
  });

  test("[BASE-232] the 65th request to one node fails here; what gets past is refused as busy there", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("message", () => new Promise(() => {}));
    const abort = new AbortController();
    const asked = Array.from({ length: 64 }, () => a.requests.request(b.id, null, { signal: abort.signal }));
    const settled = Promise.allSettled(asked);
    expect(await failure(a.requests.request(b.id, null))).toMatchObject({ code: "too-many-requests", peer: b.id });
    await net.run();
    abort.abort();
    await settled;
    const over = failure(a.requests.request(b.id, null));
    await net.run();
    expect(await over).toMatchObject({ code: "refused", remoteCode: "busy" });
    expect(b.requests.counters).toMatchObject({ answering: 64, refusedBusy: 1 });
  });

  test("[BASE-132] bodies of open requests count in the memory of the node: beyond it, busy", async () => {
    const { net, a } = link(2);
    net.budgetBytes = 1_000;
    const b = net.add(9);
    const open: (() => void)[] = [];
    b.handlers.set("message", () => new Promise((resolve) => open.push(() => resolve(null))));
    const asked = Array.from({ length: 4 }, () =>
      a.requests.request(b.id, "x".repeat(300)).catch((error) => error.remoteCode),
    );
    await net.run();
    expect(b.budget.usedBytes).toBeGreaterThan(900);
    for (const answer of open) answer();
    await net.run();
    expect(await Promise.all(asked)).toEqual([...Array(3).fill(expect.objectContaining({ data: null })), "busy"]);
    expect(b.budget.usedBytes).toBe(0);
    const lost = failure(a.requests.request(b.id, "x".repeat(300)));
    await net.run();
    expect(b.budget.usedBytes).toBeGreaterThan(300);
    net.cut(a, b);
    await lost;
    expect([b.budget.usedBytes, b.budget.refusals]).toEqual([0, 1]);
  });

  test("[BASE-240] a text too long is cut at a character, an invalid code is the caller's mistake", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("message", async (_, context) => {
      await expect(context.refuse("")).rejects.toThrow(RangeError);
      await expect(context.refuse("x".repeat(65))).rejects.toThrow(RangeError);
      await context.refuse("long", "é".repeat(1000));
    });
    const asked = failure(a.requests.request(b.id, null));
    await net.run();
    expect((await asked).remoteMessage).toBe("é".repeat(512));
  });
});

describe("giving up", () => {
  test("[BASE-214] the timeout comes at its time; the late answer is ignored and counted", async () => {
    const { net, a, b } = link(2);
    let answer: ((value: string) => void) | undefined;
    b.handlers.set("message", () => new Promise<string>((resolve) => (answer = resolve)));
    const asked = failure(a.requests.request(b.id, null, { timeoutMs: 100 }));
    await net.run();
    await net.clock.advance(99);
    expect(a.requests.counters.asking).toBe(1);
    await net.clock.advance(1);
    expect(await asked).toMatchObject({ code: "request-timeout", peer: b.id });
    answer?.("late");
    await net.run();
    expect(a.requests.counters).toMatchObject({ asking: 0, unmatchedAnswers: 1 });
  });

  test("[BASE-214] one timer serves all requests, and none is left when the node closes", async () => {
    const { net, a, b } = link(2);
    const asked = [300, 100, 200].map((timeoutMs) => failure(a.requests.request(b.id, null, { timeoutMs })));
    expect(net.clock.pendingTimers).toBe(1);
    await net.clock.advance(200);
    expect(a.requests.counters.asking).toBe(1);
    expect(net.clock.pendingTimers).toBe(1);
    await net.clock.advance(100);
    expect((await Promise.all(asked)).map((error) => error.code)).toEqual(Array(3).fill("request-timeout"));
    expect(net.clock.pendingTimers).toBe(0);
    const last = failure(a.requests.request(b.id, null));
    const closing = new BaseError("connection-lost", "closed");
    a.requests.close(closing);
    a.requests.close(closing);
    expect(await last).toBe(closing);
    expect(await failure(a.requests.request(b.id, null))).toBe(closing);
    expect(net.clock.pendingTimers).toBe(0);
  });

  test("[BASE-216] an abort rejects with its reason and frees the slot", async () => {
    const { net, a, b } = link(2, { perPeer: 1 });
    const abort = new AbortController();
    const asked = a.requests.request(b.id, null, { signal: abort.signal });
    expect((await failure(a.requests.request(b.id, null))).code).toBe("too-many-requests");
    abort.abort(new Error("enough"));
    await expect(asked).rejects.toThrow("enough");
    b.handlers.set("message", () => 1);
    await net.run();
    const again = a.requests.request(b.id, null);
    await net.run();
    expect((await again).data).toBe(1);
    await expect(a.requests.request(b.id, null, { signal: abort.signal })).rejects.toThrow("enough");
    expect(a.requests.counters.asking).toBe(0);
  });

  test("[BASE-215] [BASE-236] a lost connection rejects at once, and tells the handler", async () => {
    const { net, a, b } = link(2);
    const seen: unknown[] = [];
    b.handlers.set("message", async (_, context) => {
      await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
      seen.push(context.isAnswered, context.signal.reason);
      seen.push(await failure(context.reply("too late")));
      throw context.signal.reason;
    });
    const asked = failure(a.requests.request(b.id, null));
    await net.run();
    net.cut(a, b);
    expect(await asked).toMatchObject({ code: "connection-lost", peer: b.id });
    await net.run();
    const lost = expect.objectContaining({ code: "connection-lost", peer: a.id });
    expect(seen).toEqual([true, lost, lost]);
    expect([b.errors, b.requests.counters.answering]).toEqual([[], 0]);
  });

  test("[BASE-237] a handler that never answers: refused with timeout, the slot is free", async () => {
    const { net, a, b } = link(2, { answerTimeoutMs: 1_000, perPeer: 1 });
    b.handlers.set("message", () => new Promise(() => {}));
    const asked = failure(a.requests.request(b.id, null));
    await net.run();
    await net.clock.advance(1_000);
    await net.run();
    expect(await asked).toMatchObject({ code: "refused", remoteCode: "timeout" });
    expect(b.requests.counters.answering).toBe(0);
  });

  test("[BASE-234] an answer that waits for room when the time is over is not followed by a refusal", async () => {
    const { net, a, b } = link(2, { answerTimeoutMs: 1_000 });
    b.handlers.set("message", () => "x");
    let makeRoom: (() => void) | undefined;
    net.room = new Promise((resolve) => (makeRoom = resolve));
    const asked = a.requests.request(b.id, null);
    await net.run();
    await net.clock.advance(2_000);
    makeRoom?.();
    await net.run();
    expect((await asked).data).toBe("x");
    expect(a.requests.counters).toMatchObject({ unmatchedAnswers: 0 });
    expect(b.requests.counters).toMatchObject({ answering: 0, unsentAnswers: 0 });
  });

  test("[BASE-210] what sending throws, asking throws, and no slot is kept", async () => {
    const { net, a, b } = link(2);
    net.cut(a, b);
    expect((await failure(a.requests.request(b.id, null))).code).toBe("dial-unreachable");
    await expect(a.requests.request(b.id, new Date() as never)).rejects.toMatchObject({ name: "WireError" });
    await expect(a.requests.request(a.id, null)).rejects.toThrow(RangeError);
    await expect(a.requests.request(b.id, null, { timeoutMs: 0 })).rejects.toThrow(RangeError);
    expect(a.requests.counters.asking).toBe(0);
  });

  test("[BASE-236] an answer that finds no way is counted, not reported", async () => {
    const { net, a, b } = link(2);
    b.handlers.set("message", () => "x");
    const asked = failure(a.requests.request(b.id, null, { timeoutMs: 10 }));
    await net.clock.settle();
    const [request] = net.wires.splice(0);
    net.cut(a, b);
    if (request !== undefined) net.deliver(request);
    await net.clock.settle();
    await asked;
    expect([b.requests.counters, b.errors]).toMatchObject([{ answering: 0, unsentAnswers: 1 }, []]);
  });
});
