import { readFileSync } from "node:fs";
import {
  type Dialect,
  decodeBody07,
  defaultLimits07,
  dialects,
  encodeFrame07,
  FrameDecoder07,
  type Message07,
  networkId07,
  toForm,
  type Value07,
} from "@p2p/wire/legacy";
import { describe, expect, it } from "vitest";
import type { LegacyChange } from "./effects.js";
import { LegacyMember } from "./member.js";
import { deltaItems, handshakeItems, type Member07, peersItems, stateItems, storeItems } from "./messages.js";
import { defaultLegacyLimits } from "./options.js";

const now = 1_800_000_000;
const nowMs = now * 1_000;
const networkId = networkId07("office1");
const self: Member07 = { host: "127.0.0.1", port: 4_000, id: "5Us" };

/** A member whose effects are noted. */
class Scene {
  readonly sent: [link: number, message: Message07][] = [];
  readonly closed: number[] = [];
  readonly dialled: Member07[] = [];
  readonly changes: LegacyChange[] = [];
  readonly linked: string[] = [];
  readonly member: LegacyMember;

  constructor(options: { network?: string; leases?: boolean } = {}) {
    const note = (link: number, frame: Uint8Array): void => {
      this.sent.push([link, decodeBody07(frame.subarray(4)).message]);
    };
    this.member = new LegacyMember(
      {
        self,
        networkId: options.network ?? networkId,
        leases: options.leases ?? true,
        dialect: dialects.str,
        wireLimits: defaultLimits07,
        limits: defaultLegacyLimits,
      },
      {
        send: note,
        stream: (link, frames) => {
          for (const frame of frames) note(link, frame);
        },
        close: (link) => {
          this.closed.push(link);
          this.member.linkClosed(link);
        },
        dial: (member) => this.dialled.push(member),
        linked: (id) => this.linked.push(id),
        unlinked: (id) => this.linked.splice(this.linked.indexOf(id), 1),
        changed: (change) => this.changes.push(change),
      },
    );
  }

  /** A link whose peer has said who it is. */
  link(number: number, id: string, dialect: Dialect = dialects.str): void {
    this.member.linkOpened(number);
    this.meet(number, id, dialect);
  }

  /** The peer of a link says who it is. */
  meet(number: number, id: string, dialect: Dialect = dialects.str): void {
    const items = handshakeItems({ host: "10.0.0.1", port: 5_000 + number, id }, networkId, dialect);
    this.hear(number, { type: 2, sender: toForm(id, dialect.nodeIds), time: now, items });
  }

  hear(number: number, message: Message07): void {
    this.member.received(number, encodeFrame07(message).subarray(4), nowMs);
  }

  /** What went out since the last look, by link. */
  take(): readonly (readonly [link: number, items: readonly Value07[]])[] {
    return this.sent.splice(0).map(([link, { items }]) => [link, items]);
  }

  get values(): Readonly<Record<string, Value07>> {
    return Object.fromEntries([...this.member.table.entries()].map(([key, { value }]) => [key, value]));
  }
}

function broadcastOf(sender: string | Uint8Array, items: readonly Value07[], time = now): Message07 {
  return { type: 0, sender, time, items };
}

describe("links", () => {
  it.each(["bin", "mixed", "str"] as const)(
    "[SYNC-301] is silent until it is spoken to, and answers in dialect %s",
    (name) => {
      const scene = new Scene();
      scene.member.linkOpened(1);
      expect(scene.sent).toEqual([]);
      scene.link(1, "7Peer", dialects[name]);
      const [[, handshake] = [], [, peers] = []] = scene.sent;
      const { nodeIds, networkIds } = dialects[name];
      expect(handshake?.sender).toEqual(toForm(self.id, nodeIds));
      expect(handshake?.items).toEqual([
        5,
        toForm(self.id, nodeIds),
        toForm(networkId, networkIds),
        ["127.0.0.1", 4_000],
        [],
      ]);
      expect(peers?.items).toEqual([7, []]);
      expect(scene.linked).toEqual(["7Peer"]);
    },
  );

  it("[SYNC-301] speaks to a peer that stays silent, once", () => {
    const scene = new Scene();
    scene.member.linkOpened(1);
    scene.member.linkSilent(1, nowMs);
    expect(scene.take()).toEqual([[1, handshakeItems(self, networkId, dialects.str)]]);
    scene.meet(1, "7Peer");
    expect(scene.take()).toEqual([[1, [7, []]]]);
  });

  it("[SYNC-301] takes a second handshake of the same id for the first", () => {
    const scene = new Scene();
    scene.link(1, "7Peer");
    scene.take();
    scene.meet(1, "7Peer");
    expect([scene.take(), scene.closed]).toEqual([[], []]);
  });

  it.each([
    ["another network", handshakeItems({ host: "h", port: 1, id: "7Peer" }, networkId07("office0"), dialects.str)],
    ["its own id", handshakeItems({ host: "h", port: 1, id: self.id }, networkId, dialects.str)],
  ])("[SYNC-301] closes the link of a peer with %s", (_, items) => {
    const scene = new Scene();
    scene.member.linkOpened(1);
    scene.hear(1, { type: 2, sender: "7Peer", time: now, items });
    expect([scene.closed, scene.sent, scene.linked]).toEqual([[1], [], []]);
  });

  it("[SYNC-301] closes the link of a peer that changes its id", () => {
    const scene = new Scene();
    scene.link(1, "7Peer");
    scene.hear(1, {
      type: 2,
      sender: "8",
      time: now,
      items: handshakeItems({ host: "h", port: 1, id: "8" }, networkId, dialects.str),
    });
    expect([scene.closed, scene.linked]).toEqual([[1], []]);
  });

  it("[SYNC-312] of two links with one peer keeps the one that the larger id dialled", () => {
    for (const [id, kept] of [
      ["4Us", 2],
      ["6Us", 1],
    ] as const) {
      const scene = new Scene();
      scene.link(1, id);
      scene.member.linkOpened(2, "bootstrap");
      scene.hear(2, {
        type: 2,
        sender: id,
        time: now,
        items: handshakeItems({ host: "h", port: 1, id }, networkId, dialects.str),
      });
      expect([scene.closed, scene.linked]).toEqual([[3 - kept], [id]]);
      scene.take();
      scene.member.store("k", 1, nowMs);
      expect(scene.take().map(([link]) => link)).toEqual([kept]);
    }
  });

  it("[SYNC-301] hears nothing of who has not said who it is", () => {
    const scene = new Scene();
    scene.member.linkOpened(1);
    scene.hear(1, broadcastOf("7Peer", storeItems("k", 1)));
    expect(scene.values).toEqual({});
  });

  it("[SYNC-310] tells js2p of one other member, and py2p of all", () => {
    const scene = new Scene();
    scene.link(1, "6");
    scene.link(2, "7");
    scene.take();
    scene.link(3, "8");
    scene.link(4, "9", dialects.bin);
    const lists = scene.take().filter(([, items]) => items[0] === 7);
    expect(lists).toEqual([
      [3, peersItems([{ host: "10.0.0.1", port: 5_001, id: "6" }], dialects.str)],
      [
        4,
        peersItems(
          ["6", "7", "8"].map((id, index) => ({ host: "10.0.0.1", port: 5_001 + index, id })),
          dialects.bin,
        ),
      ],
    ]);
  });

  it("[SYNC-308] dials members that it hears of, at most four", () => {
    const scene = new Scene();
    scene.link(1, "6");
    const members = ["6", self.id, "a", "b", "c", "d", "e"].map((id, index) => ({
      host: `10.0.1.${index}`,
      port: 1,
      id,
    }));
    scene.hear(1, { type: 2, sender: "6", time: now, items: peersItems(members, dialects.str) });
    expect(scene.dialled.map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  });

  it("[SYNC-309] answers a wish to compress by no method", () => {
    const scene = new Scene();
    scene.link(1, "6", dialects.bin);
    scene.take();
    scene.hear(1, { type: 1, sender: toForm("6", "bin"), time: now, items: [1, [17]] });
    expect(scene.sent).toEqual([[1, { type: 1, sender: toForm(self.id, "bin"), time: now, items: [1, []] }]]);
  });
});

describe("broadcasts", () => {
  it("[SYNC-303] passes a broadcast on once, to all but its origin and where it came from, and takes it", () => {
    const scene = new Scene();
    for (const number of [1, 2, 3, 4]) scene.link(number, String(5 + number));
    scene.take();
    const message = broadcastOf("8", storeItems("k", "v"));
    scene.hear(1, message);
    scene.hear(2, message);
    expect(scene.take()).toEqual([
      [2, message.items],
      [4, message.items],
    ]);
    expect(scene.changes).toEqual([
      { kind: "update", key: "k", newValue: "v", oldValue: undefined, owner: "8", time: now },
    ]);
  });

  it("[SYNC-303] neither takes nor passes on what is too old or too far ahead", () => {
    const scene = new Scene();
    scene.link(1, "6");
    scene.link(2, "7");
    scene.take();
    for (const time of [now - 60, now - 56, now + 3_601]) scene.hear(1, broadcastOf("9", storeItems("k", time), time));
    expect([scene.take(), scene.values]).toEqual([[], {}]);
  });

  it("[SYNC-304] takes text and bytes for the same key, and sends bytes", () => {
    const scene = new Scene();
    scene.link(1, "6");
    scene.take();
    scene.hear(1, broadcastOf("6", [11, "k", 1]));
    scene.hear(1, broadcastOf("6", storeItems("k", 2)));
    expect(scene.values).toEqual({ k: 2 });
    scene.member.store("own", 1, nowMs);
    expect(scene.take()).toEqual([[1, [11, new TextEncoder().encode("own"), 1]]]);
  });

  it("[SYNC-302] writes as the dialect of its first peer has it, to all alike", () => {
    const scene = new Scene();
    scene.link(1, "6", dialects.bin);
    scene.link(2, "7", dialects.str);
    scene.take();
    scene.member.store("k", 1, nowMs);
    expect(scene.sent.map(([, { sender }]) => sender)).toEqual([toForm(self.id, "bin"), toForm(self.id, "bin")]);
  });

  it("[SYNC-310] keeps from js2p what it drops its links for, and from py2p a delete of what it may lack", () => {
    const scene = new Scene();
    scene.link(1, "6", dialects.bin);
    scene.link(2, "7", dialects.bin);
    scene.link(3, "8", dialects.str);
    scene.take();
    scene.hear(1, broadcastOf(toForm("6", "bin"), storeItems("missing", null)));
    scene.hear(1, broadcastOf(toForm("6", "bin"), storeItems("constructor", 1)));
    scene.hear(1, broadcastOf(toForm("6", "bin"), storeItems("constructor", null)));
    scene.hear(1, broadcastOf(toForm("6", "bin"), storeItems("text", "t")));
    scene.hear(1, broadcastOf(toForm("6", "bin"), deltaItems("text", { a: 1 })));
    expect(
      scene.take().map(([link, [, key, value]]) => [link, new TextDecoder().decode(key as Uint8Array), value]),
    ).toEqual([
      [2, "constructor", 1],
      [2, "constructor", null],
      [2, "text", "t"],
      [3, "text", "t"],
    ]);
    expect(scene.member.store("text", null, nowMs)).toBe("unsafe");
  });

  it("[SYNC-311] gives two equal writes of one second different times", () => {
    const scene = new Scene();
    scene.link(1, "6");
    scene.take();
    for (const value of ["x", "y", "x"]) scene.member.store("k", value, nowMs);
    expect(scene.sent.map(([, { time }]) => time)).toEqual([now, now, now + 1]);
  });

  it("keeps what it sent, not an object of the caller's", () => {
    const scene = new Scene();
    const value = { list: [1] };
    scene.member.store("k", value, nowMs);
    value.list.push(2);
    expect(scene.values).toEqual({ k: { list: [1] } });
  });
});

describe("late joiners", () => {
  it("[SYNC-307] are told each key with owner and time, the owner as it came", () => {
    const scene = new Scene();
    scene.link(1, "6", dialects.bin);
    scene.hear(1, broadcastOf(toForm("6", "bin"), storeItems("theirs", 1)));
    scene.hear(1, broadcastOf(toForm("6", "bin"), storeItems("constructor", 1)));
    scene.member.store("ours", 2, nowMs);
    scene.take();
    scene.link(2, "7", dialects.str);
    expect(scene.take().slice(2)).toEqual([
      [2, stateItems("theirs", 1, toForm("6", "bin"), now)],
      [2, stateItems("ours", 2, toForm(self.id, "bin"), now)],
    ]);
  });

  it("[SYNC-307] take what they lack, but no time of the far future", () => {
    const scene = new Scene();
    scene.link(1, "6");
    const state = (key: string, time: number): Message07 => {
      return { type: 2, sender: "6", time: now, items: stateItems(key, "v", "9", time) };
    };
    scene.hear(1, state("old", now - 100_000));
    scene.hear(1, state("far", now + 3_601));
    expect(scene.member.table.get("old")).toMatchObject({ value: "v", owner: "9", time: now - 100_000 });
    expect(scene.member.table.get("far")).toBeUndefined();
  });
});

describe("hostile bytes", () => {
  it("[SYNC-312] cost a link whose checksum is wrong, and nothing when a sound frame is not understood", () => {
    const scene = new Scene();
    scene.link(1, "6");
    scene.link(2, "7");
    scene.take();
    const id = new Uint8Array(200);
    const bad: readonly (readonly Value07[])[] = [
      [],
      [5],
      [5, id, id, [], []],
      [5, "0", "0", ["h", 1], []],
      [7, 1],
      [7, [1, [], [[]], [["h", -1], "6"], [["h", 1], id]]],
      [8, "*", 1],
      [11, 1, 2],
      [11, new Uint8Array([0xff]), 1],
      [11, "", 1],
      [11, "x".repeat(2_000), 1],
      [11, "k", 1, "6", -1],
      [11, "k", 1, "6", "now"],
      [11, "k", 1, 6, now],
      [17, "k", [1]],
      [17, "k", null],
      [200, { a: 1 }],
    ];
    for (const items of bad) for (const type of [0, 1, 2, 3]) scene.hear(1, { type, sender: "6", time: now, items });
    expect([scene.values, scene.closed, scene.dialled]).toEqual([{}, [], []]);
    scene.member.received(1, new Uint8Array(40), nowMs);
    expect(scene.closed).toEqual([1]);
  });
});

interface Captures {
  readonly captures: readonly { id: string; networkId: string; nowSeconds: number; stream: string }[];
}

const { captures } = JSON.parse(
  readFileSync(new URL("../testing/legacy-captures.json", import.meta.url), "utf8"),
) as Captures;

/** What the recorded peer had in its table at the end. */
const tables: Readonly<Record<string, Readonly<Record<string, Value07>>>> = {
  // Its delete went out, and its peer failed at it.
  js2p_sync_set_get_delete_delta: { map: { a: 1, b: 2 } },
  // Also a key that is no text, which this node does not have.
  py2p_sync_set_get_delete_delta: { map: { a: 1, b: 2 }, n: [null, 1.5, { q: Uint8Array.of(0x7a) }] },
  js2p_sync_late_joiner: { k1: "v1", k2: [1, 2, { x: null }], m: { a: 1 }, falsy: 0 },
  py2p_sync_late_joiner: { k1: "v1", k2: [1, 2, { x: null }], m: { a: 1 }, falsy: "" },
  js2p_sync_values: {
    n: 0,
    s: "",
    b: Uint8Array.of(0, 0xff),
    o: { x: [1, null, { y: 2.5 }] },
    f: false,
  },
};

describe("recorded peers", () => {
  it("are all there", () => {
    expect(captures.map(({ id }) => id).sort()).toEqual(Object.keys(tables).sort());
  });

  it.each(captures)("[SYNC-305] [SYNC-306] [SYNC-307] $id gives the table that it gave then", (capture) => {
    const scene = new Scene({ network: capture.networkId });
    scene.member.linkOpened(1);
    const decoder = new FrameDecoder07();
    decoder.push(Buffer.from(capture.stream, "hex"), ({ payload }) => {
      scene.member.received(1, payload, capture.nowSeconds * 1_000);
    });
    expect(scene.values).toEqual(tables[capture.id]);
    expect([scene.closed, scene.linked.length]).toEqual([[], 1]);
  });
});
