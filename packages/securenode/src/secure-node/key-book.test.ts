import { expect, test } from "vitest";
import { identityOf } from "../testing/worlds.js";
import { KeyBook } from "./key-book.js";

test("[SEC-235] a key is found by the id that it makes; the one not used for longest goes first", () => {
  const [ada, bob, cy] = [identityOf(1), identityOf(2), identityOf(3)];
  const book = new KeyBook(2);
  const own = ada.publicKey.slice();
  expect([book.learn(own), book.learn(bob.publicKey)]).toEqual([ada.id, bob.id]);
  own.fill(0);
  expect(book.get(ada.id)).toEqual(ada.publicKey);
  book.learn(cy.publicKey);
  expect([book.get(ada.id), book.get(bob.id), book.get(cy.id)]).toEqual([ada.publicKey, undefined, cy.publicKey]);
});
