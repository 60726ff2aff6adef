import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import fc from "fast-check";
import { BadRequest, TooLarge } from "#core/errors";
import { MAX_PARAMETERS, parseForm, parseValues } from "#core/http/form";

const parse = (body: string | Buffer) => Object.fromEntries(parseForm(typeof body === "string" ? Buffer.from(body) : body));

describe("form", () => {
  const taken: [title: string, body: string | Buffer, form: Record<string, string>][] = [
    ["plus and escapes", "text=some+words%21&user=U0001", { text: "some words!", user: "U0001" }],
    ["ü and emoji, escaped and raw", "a=%C3%BC%F0%9F%8E%89&b=ü🎉", { a: "ü🎉", b: "ü🎉" }],
    ["a malformed escape literally", "a=%ZZ&b=%", { a: "%ZZ", b: "%" }],
    ["invalid UTF-8 as replacement characters", Buffer.from([0x61, 0x3d, 0xff, 0x25, 0x46, 0x46]), { a: "\ufffd\ufffd" }],
    ["a key without a value", "a&b=", { a: "", b: "" }],
    ["a value with = in it", "a=b=c", { a: "b=c" }],
    ["nothing", "", {}],
  ];
  for (const [title, body, form] of taken) it(`takes ${title}`, () => expect(parse(body)).to.deep.equal(form));

  it("treats __proto__ like any other key", () => {
    const form = parseForm(Buffer.from("__proto__=x&constructor=y"));
    expect([form.get("__proto__"), form.get("constructor"), form.get("toString")]).to.deep.equal(["x", "y", undefined]);
  });

  for (const body of ["text=a&text=b", "text[]=a", "text%5B%5D=a", "text[0]=a", "a&a"]) {
    it(`refuses ${body}`, () => expect(thrownBy(() => parseForm(Buffer.from(body)))).to.be.instanceOf(BadRequest));
  }

  it("accepts 1,000 parameters and refuses one more", () => {
    const body = (parameters: number) => Buffer.from(Array.from({ length: parameters }, (_, index) => `k${index}=v`).join("&"));
    expect(parseForm(body(MAX_PARAMETERS)).size).to.equal(1000);
    expect(thrownBy(() => parseForm(body(MAX_PARAMETERS + 1)))).to.be.instanceOf(TooLarge);
    expect(thrownBy(() => parseValues(body(10_000), "k0"))).to.be.instanceOf(TooLarge);
  });

  it("reads all values of one key", () => {
    expect(parseValues(Buffer.from("token=a&x=1&token=b"), "token")).to.deep.equal(["a", "b"]);
  });

  it("reads back any form", () => {
    const pairs = fc.dictionary(
      fc.string({ unit: "grapheme", minLength: 1 }).filter(key => !key.includes("[")),
      fc.string({ unit: "grapheme" }),
    );
    fc.assert(
      fc.property(pairs, form => {
        expect(parse(new URLSearchParams(form).toString())).to.deep.equal({ ...form });
      }),
    );
  });

  it("throws only refusals, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
        try {
          parseForm(Buffer.from(bytes));
        } catch (error) {
          expect(error).to.be.instanceOf(BadRequest);
        }
      }),
    );
  });
});
