// What a secure node answers to the mistakes that its user is likely to make.
import { Node } from "@p2p/base";
import { describe, expect, test } from "vitest";
import { noise } from "./channel/noise.js";
import { Identity } from "./identity/identity.js";
import { SecureNode } from "./securenode.js";

const network = "club";

describe("a mistake of the user is told where it is made", () => {
  const identity = Identity.generate();

  test("a misspelt option of noise, and an event that it has not", () => {
    const message = 'there is no option "networkkey" of noise; the nearest is "networkKey"';
    expect(() => noise({ identity, ...{ networkkey: new Uint8Array(32) } })).toThrow(new TypeError(message));
    const event = 'there is no event "secure" of noise; the nearest is "secured"';
    expect(() => noise({ identity }).on("secure" as never, () => {})).toThrow(new TypeError(event));
  });

  test("a misspelt option of a secure node, and an event that it has not", () => {
    const message = 'there is no option "tellsNeighbors" of a secure node; the nearest is "tellsNeighbours"';
    expect(() => new SecureNode({ identity, network, ...{ tellsNeighbors: false } })).toThrow(new TypeError(message));
    const event = 'there is no event "letters" of a secure node; the nearest is "letter"';
    const node = new SecureNode({ identity, network });
    expect(() => node.on("letters" as never, () => {})).toThrow(new TypeError(event));
  });

  test("an option that is for the network, where there is one already", () => {
    const node = new Node({ network, security: noise({ identity, messages: "require" }) });
    const options = { identity, network, node, ...{ listen: ["tcp://127.0.0.1:0"] } };
    expect(() => new SecureNode(options)).toThrow(/no option "listen" of a secure node on the node of a network/);
    expect(new SecureNode({ identity, network, node }).id).toBe(identity.id);
  });
});
