import { expect } from "chai";
import { buildCursor, parseClaimBody, parseIdempotencyKey, parsePage, parseQuery, parseWaitText } from "#functions/api/parameters";
import { thrownBy } from "../../thrown";

/** The sentence of the refusal; fails for any other error. */
const refusalOf = (run: () => unknown): string => {
  const error = thrownBy(run);
  expect(error).to.have.property("name", "BadRequest");
  return (error as Error).message;
};

describe("api parameters", () => {
  describe("a query", () => {
    const parse = (query?: string) => parseQuery(query, ["limit", "cursor"]);

    it("is read by name; none at all is empty", () => {
      expect(parse("cursor=a%20b&limit=5")).to.deep.equal({ limit: "5", cursor: "a b" });
      expect([parse(), parse("")]).to.deep.equal([{}, {}]);
    });

    it("refuses what it does not know, and says what it takes", () => {
      expect(refusalOf(() => parse("page=2"))).to.equal('There is no parameter "page" here: it takes limit, cursor.');
      expect(refusalOf(() => parseQuery("page=2", []))).to.equal('There is no parameter "page" here.');
      expect(refusalOf(() => parse("__proto__=2"))).to.contain('"__proto__"');
    });

    it("refuses one that comes twice", () => {
      expect(refusalOf(() => parse("limit=1&limit=2"))).to.equal('The parameter "limit" comes more than once.');
      expect(refusalOf(() => parse("limit=&limit="))).to.contain("more than once");
    });
  });

  describe("a wait", () => {
    it("is 0 to 25 whole seconds", () => {
      expect(["0", "7", "07", "25"].map(parseWaitText)).to.deep.equal([0, 7, 7, 25]);
    });

    for (const wait of ["", "26", "-1", "1.5", "1e1", " 5", "five", "005"]) {
      it(`refuses ${JSON.stringify(wait)}`, () => {
        expect(refusalOf(() => parseWaitText(wait))).to.match(/^wait is .*: want whole seconds, 0 to 25\.$/);
      });
    }
  });

  describe("the body of a claim", () => {
    const parse = (body: unknown) => parseClaimBody(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), null);

    it("asks for the default where it says nothing, or is none", () => {
      const open = { forSeconds: null, waitSeconds: 0 };
      expect([parse(""), parse({}), parse({ for: "open" })]).to.deep.equal([open, open, open]);
      expect(parseClaimBody(Buffer.alloc(0), 1800)).to.deep.equal({ forSeconds: 1800, waitSeconds: 0 });
    });

    it("takes spans as text or as whole seconds", () => {
      expect(parse({ for: "1h 30m", deadAfter: 90, wait: 20 })).to.deep.equal({
        forSeconds: 5400,
        deadAfterSeconds: 90,
        waitSeconds: 20,
      });
    });

    it("makes one line of what people read", () => {
      const reason = " a\u0000b\r\n\u2028c \ud800 ";
      expect(parse({ owner: "ci\t7", reason })).to.deep.include({ owner: "ci 7", reason: "a b c \ufffd" });
    });

    it("counts characters, not code units", () => {
      expect(parse({ owner: "🚀".repeat(100), reason: "🚀".repeat(200) }).owner).to.equal("🚀".repeat(100));
      expect(refusalOf(() => parse({ owner: "🚀".repeat(101) }))).to.match(/^owner is ".*": want 100 characters at most\.$/);
      expect(refusalOf(() => parse({ reason: "🚀".repeat(201) }))).to.match(/^reason is ".*": want 200 characters at most\.$/);
    });

    const refused: [body: unknown, sentence: string | RegExp][] = [
      [{ fro: "30m" }, 'There is no field "fro": a claim takes owner, for, reason, deadAfter, wait.'],
      [{ for: "soon" }, /^for: .*"soon"/],
      [{ for: 0.5 }, 'for is 0.5: want text such as "30m", or whole seconds.'],
      [{ for: ["30m"] }, 'for is a list: want text such as "30m", or whole seconds.'],
      [{ for: null }, 'for is null: want text such as "30m", or whole seconds.'],
      [{ for: 31 * 86_400 }, /^for: .*30 days at most/],
      [{ deadAfter: "-1 hours" }, /^deadAfter: .*"-1 hours"/],
      [{ owner: 5 }, "owner is 5: want text."],
      [{ reason: " \n" }, "reason is empty."],
      [{ wait: "5" }, 'wait is "5": want whole seconds, 0 to 25.'],
      [{ wait: 26 }, "wait is 26: want whole seconds, 0 to 25."],
    ];
    for (const [body, sentence] of refused) {
      it(`refuses ${JSON.stringify(body)}`, () => {
        const told = refusalOf(() => parse(body));
        if (typeof sentence === "string") expect(told).to.equal(sentence);
        else expect(told).to.match(sentence);
      });
    }

    for (const body of ["null", "[]", "{", '"x"']) {
      it(`refuses ${body}, which is no object`, () => void refusalOf(() => parse(body)));
    }
  });

  describe("an idempotency key", () => {
    it("is taken as it is; there may be none", () => {
      expect([undefined, "run 7", "x".repeat(255)].map(parseIdempotencyKey)).to.deep.equal([undefined, "run 7", "x".repeat(255)]);
    });

    for (const key of ["", " run 7", "x".repeat(256), "läuft", "a\u0000", "a\n"]) {
      it(`refuses ${JSON.stringify(key).slice(0, 20)}`, () => {
        expect(refusalOf(() => parseIdempotencyKey(key))).to.match(/^Idempotency-Key is ".*": want 1 to 255 printable ASCII characters\.$/);
      });
    }
  });

  describe("a page", () => {
    const parse = (query: { limit?: string; cursor?: string }) => parsePage(query, "resources T0001");

    it("has 50 entries where nothing is said, and 1 to 100 where something is", () => {
      expect(parse({})).to.deep.equal({ limit: 50 });
      expect([parse({ limit: "1" }), parse({ limit: "100" })]).to.deep.equal([{ limit: 1 }, { limit: 100 }]);
    });

    for (const limit of ["", "0", "-1", "101", "1000", "1e3", "05", "1.5", "ten"]) {
      it(`refuses the limit ${JSON.stringify(limit)}`, () => {
        expect(refusalOf(() => parse({ limit }))).to.equal(`limit is "${limit}": want a whole number from 1 to 100.`);
      });
    }

    it("goes on where the cursor says that the one before ended, in any script", () => {
      for (const position of ["staging", "bühne/1 🚀"])
        expect(parse({ cursor: buildCursor("resources T0001", position) })).to.deep.equal({ limit: 50, position });
    });

    const [position = "", checksum = ""] = buildCursor("resources T0001", "staging").split(".");
    const foreign: [what: string, cursor: string][] = [
      ["nobody gave out", "YQ.AAAAAAAAAAAAAAAA"],
      ["is none", "abc"],
      ["is empty", ""],
      ["another list gave out", buildCursor("resources T0002", "staging")],
      ["was given out for another position", `${Buffer.from("stagings").toString("base64url")}.${checksum}`],
      ["was cut", `${position}.${checksum.slice(1)}`],
    ];
    for (const [what, cursor] of foreign) {
      it(`refuses a cursor that ${what}`, () => {
        expect(refusalOf(() => parse({ cursor }))).to.match(/^cursor is ".*", which is not one that this list gave out\.$/);
      });
    }
  });
});
