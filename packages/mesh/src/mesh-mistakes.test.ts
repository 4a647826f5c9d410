// What a mesh answers to the mistakes that its user is likely to make. [MESH-027] [MESH-067]
import { BaseError } from "@p2p/base";
import { describe, expect, test } from "vitest";
import { Mesh } from "./mesh.js";
import type { MeshOptions } from "./options.js";

function make(options: Partial<MeshOptions> = {}): Mesh {
  return new Mesh({ network: "test", listen: ["tcp://127.0.0.1:0"], ...options });
}

function nextError(mesh: Mesh): Promise<Error> {
  return new Promise((resolve) => mesh.once("error", resolve));
}

describe("a mistake of the user is told where it is made", () => {
  test("a closed mesh does not open again, and says so", async () => {
    const mesh = make();
    await mesh.open();
    await mesh.close();
    await expect(mesh.open()).rejects.toMatchObject({ name: "MeshError", code: "closed" });
  });

  test.each([
    [{ bootstap: [] }, 'there is no option "bootstap" of a mesh; the nearest is "bootstrap"'],
    [{ lisen: [] }, 'there is no option "lisen" of a mesh; the nearest is "listen"'],
    [{ meshLimits: { activemax: 1 } }, 'there is no limit "activemax" of a mesh; the nearest is "activeMax"'],
  ])("a misspelt option: %o", (options, message) => {
    expect(() => make(options as object)).toThrow(new TypeError(message));
  });

  test("a listener of an event that there is not", () => {
    const message = 'there is no event "peerconected" of a mesh; the nearest is "peerConnected"';
    expect(() => make().on("peerconected" as never, () => {})).toThrow(new TypeError(message));
  });

  test("a misspelt option of ready, which would wait for less", async () => {
    const message = 'there is no option "peer" of ready; the nearest is "peers"';
    await expect(make().ready({ peer: 3 } as never)).rejects.toThrow(new TypeError(message));
  });

  test("a misspelt option of a broadcast, a message and a listener", async () => {
    await using mesh = make();
    await mesh.open();
    const wrong = { typ: "chat" } as never;
    expect(() => mesh.broadcast(1, wrong)).toThrow('no option "typ" of a broadcast; the nearest is "type"');
    await expect(mesh.send(make().id, 1, wrong)).rejects.toThrow('no option "typ" of a message; the nearest is "type"');
    expect(() => mesh.once("message", () => undefined, wrong)).toThrow('no option "typ" of a listener');
  });

  test("a text that is no node id is told so at once", async () => {
    await using first = make();
    await first.open();
    await using mesh = make({ bootstrap: first.addresses });
    await mesh.open();
    await mesh.ready();
    await using alone = make();
    await alone.open();
    await expect(alone.send("bob the second" as never, 1)).rejects.toMatchObject({ code: "bad-node-id" });
    for (const text of ["bob the second", "alice", ""]) {
      await expect(mesh.send(text as never, 1)).rejects.toMatchObject({ code: "bad-node-id" });
      await expect(mesh.request(text as never, 1)).rejects.toMatchObject({ code: "bad-node-id" });
    }
  });

  test("[MESH-067] a mesh that is not open sends and asks nobody", async () => {
    await using mesh = make();
    const other = make().id;
    const expected = { name: "MeshError", code: "closed" };
    await expect(mesh.send(other, 1)).rejects.toMatchObject(expected);
    await expect(mesh.request(other, 1)).rejects.toMatchObject(expected);
  });

  test("[MESH-027] addresses of `bootstrap` that are none", () => {
    expect(() => make({ bootstrap: "tcp://127.0.0.1:1" as never })).toThrow(
      new TypeError("the option `bootstrap` is a list of addresses"),
    );
    expect(() => make({ bootstrap: ["127.0.0.1:1"] })).toThrow(BaseError);
  });

  test("[MESH-027] a bootstrap address where nobody listens is an error event", async () => {
    await using gone = make();
    await gone.open();
    const { addresses } = gone;
    await gone.close();
    await using mesh = make({ bootstrap: addresses });
    const error = nextError(mesh);
    await mesh.open();
    expect(await error).toMatchObject({ code: "dial-refused", peer: addresses[0] });
  });

  test("[MESH-027] a bootstrap node of another network is an error event", async () => {
    await using other = make({ network: "other" });
    await other.open();
    await using mesh = make({ bootstrap: other.addresses });
    const error = nextError(mesh);
    await mesh.open();
    expect(await error).toMatchObject({ code: "wrong-network", peer: other.addresses[0] });
  });

  test("[MESH-027] one list of bootstrap addresses for all nodes: that a node finds itself there is no error", async () => {
    await using first = make();
    await first.open();
    const [address = ""] = first.addresses;
    await first.close();
    await using mesh = make({ listen: [address], bootstrap: [address] });
    const errors: Error[] = [];
    mesh.on("error", (error) => errors.push(error));
    await mesh.open();
    await mesh.node.dial(address).catch((error: unknown) => expect(error).toMatchObject({ code: "self-dial" }));
    expect(errors).toEqual([]);
  });
});
