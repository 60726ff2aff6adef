import { expect } from "chai";
import { buildQuote } from "#core/quote";

describe("quote", () => {
  const rows: [value: unknown, quotation: string][] = [
    ["abc", '"abc"'],
    ["", '""'],
    [5, "5"],
    [null, "null"],
    [undefined, "undefined"],
    [[], "a list"],
    [{}, "an object"],
    ['a\n`b`"c\u202e', '"a b c "'],
    ["é".repeat(61), `"${"é".repeat(60)}..."`],
    ["🎉".repeat(61), `"${"🎉".repeat(60)}..."`],
  ];
  for (const [value, quotation] of rows)
    it(`quotes ${JSON.stringify(value)?.slice(0, 20)}`, () => expect(buildQuote(value)).to.equal(quotation));
});
