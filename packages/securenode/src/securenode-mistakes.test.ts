// What a secure node answers to the mistakes that its user is likely to make.
import { Node } from "@p2p/base";
import { describe, expect, test } from "vitest";
import { noise } from "./channel/noise.js";
import { Identity, verifySigned } from "./identity/identity.js";
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

  test.each([
    [undefined, /options of noise are an object/],
    [{}, /option `identity` is an Identity/],
    [{ identity: { id: identity.id } }, /option `identity` is an Identity/],
    [{ identity, networkKey: "secret" }, /option `networkKey` has 32 bytes/],
    [{ identity, networkKey: "x".repeat(32) }, /option `networkKey` has 32 bytes/],
    [{ identity, messages: "required" }, /option `messages` is "require", "sign-only" or "off"/],
    [{ identity, allow: identity.id }, /option `allow` is a list or a set/],
    [{ identity, deny: identity.id }, /option `deny` is a list or a set/],
  ])("what noise cannot be made with: %o", (options, message) => {
    expect(() => noise(options as never)).toThrow(message);
  });

  test.each([
    [undefined, /options of a secure node are an object/],
    [{ network }, /option `identity` is an Identity/],
    [{ network, identity, messages: "all" }, /option `messages` is/],
    [{ network, identity, node: { id: identity.id } }, /option `node` is the node of a network, such as `mesh.node`/],
  ])("what a secure node cannot be made with: %o", (options, message) => {
    expect(() => new SecureNode(options as never)).toThrow(message);
  });

  test("a text in the place of the bytes to sign: all of one length would have the same signature", () => {
    const bytes = /what is signed are bytes, in a Uint8Array: of a text, `new TextEncoder/;
    expect(() => identity.sign("application", "hello" as never)).toThrow(bytes);
    const verify = () => verifySigned(identity.publicKey, "application", "hello" as never, new Uint8Array(64));
    expect(verify).toThrow(bytes);
  });

  test("a key file that is not told of by its names", async () => {
    const open = (keyFile: unknown): Promise<SecureNode> => SecureNode.fromKeyFile(keyFile as never, { network });
    await expect(open("ada.key")).rejects.toThrow(new TypeError("the options of a key file are an object"));
    await expect(open({ path: "ada.key", pasword: "x" })).rejects.toThrow('the nearest is "password"');
  });

  test("a misspelt option of a letter, a question or a listener: the letter would not be signed", async () => {
    await using node = new SecureNode({ identity, network });
    await node.open();
    const { id } = Identity.generate();
    const wrong = { isSignd: true } as never;
    await expect(node.send(id, 1, wrong)).rejects.toThrow(
      new TypeError('there is no option "isSignd" of a letter; the nearest is "isSigned"'),
    );
    await expect(node.keyOf(id, wrong)).rejects.toThrow('no option "isSignd" of keyOf');
    await expect(node.ping(id, wrong)).rejects.toThrow('no option "isSignd" of a ping');
    await expect(node.discover({ hop: 2 } as never)).rejects.toThrow(
      'no option "hop" of discover; the nearest is "hops"',
    );
    expect(() => node.on("letter", () => undefined, wrong)).toThrow('no option "isSignd" of a listener');
  });

  test("a purpose that there is not", () => {
    const message = 'there is no purpose "greeting"; applications use "application"';
    expect(() => identity.sign("greeting" as never, new Uint8Array(1))).toThrow(new TypeError(message));
  });

  test("an option that is for the network, where there is one already", () => {
    const node = new Node({ network, security: noise({ identity, messages: "require" }) });
    const options = { identity, network, node, ...{ listen: ["tcp://127.0.0.1:0"] } };
    expect(() => new SecureNode(options)).toThrow(/no option "listen" of a secure node on the node of a network/);
    expect(new SecureNode({ identity, network, node }).id).toBe(identity.id);
  });
});
