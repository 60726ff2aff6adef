import { expect } from "chai";
import type { Item } from "../../../src/services/dynamodb/attribute-value";
import { itemSizeBytes } from "../../../src/services/dynamodb/item-size";

describe("dynamodb item sizes", () => {
  const cases: [string, Item, number][] = [
    ["text in UTF-8, with its name", { é: { S: "é" } }, 4],
    ["a number by pairs of digits", { n: { N: "123" } }, 1 + 3],
    ["a negative number", { n: { N: "-12" } }, 1 + 3],
    ["a number without its zeros at the ends", { n: { N: "0.00100" } }, 1 + 2],
    ["bytes, not their base64", { b: { B: "AAEC" } }, 1 + 3],
    ["true, and null, as one", { a: { BOOL: true }, b: { NULL: true } }, 4],
    ["sets by their members", { s: { SS: ["a", "bc"] } }, 1 + 3],
    ["a list with 3, and 1 a member", { l: { L: [{ S: "a" }, { S: "b" }] } }, 1 + 3 + 2 * 2],
    ["a map with 3, and 1 a member", { m: { M: { k: { S: "v" } } } }, 1 + 3 + 1 + 2],
  ];
  for (const [what, item, sizeBytes] of cases) {
    it(`counts ${what}`, () => {
      expect(itemSizeBytes(item)).to.equal(sizeBytes);
    });
  }
});
