import { thrownBy } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { OPERATIONS } from "#functions/api/operations";
import { buildCursor, parseBody, parseCursor, parseHeaders, parseQuery } from "#functions/api/parameters";

/** The sentence of the refusal; fails for any other error. */
const refusalOf = (run: () => unknown): string => {
  const error = thrownBy(run);
  expect(error).to.have.property("name", "BadRequest");
  return (error as Error).message;
};

describe("api parameters", () => {
  describe("a query", () => {
    const parse = (query?: string) => parseQuery(query, OPERATIONS.listResources.query);

    it("is read by name", () => {
      expect(parse("cursor=a%20b&limit=5")).to.deep.equal({ limit: 5, cursor: "a b" });
      expect(parseQuery("")).to.deep.equal({});
    });

    it("refuses an unknown parameter, and lists the known ones", () => {
      expect(refusalOf(() => parse("page=2"))).to.equal('There is no parameter "page" here: it takes limit, cursor.');
      expect(refusalOf(() => parseQuery("page=2"))).to.equal('There is no parameter "page" here.');
      expect(refusalOf(() => parse("__proto__=2"))).to.contain('"__proto__"');
    });

    it("refuses a repeated parameter", () => {
      expect(refusalOf(() => parse("limit=1&limit=2"))).to.equal('The parameter "limit" comes more than once.');
      expect(refusalOf(() => parse("limit=&limit="))).to.contain("more than once");
    });
  });

  describe("a wait", () => {
    const parse = (wait: string) => parseQuery(`wait=${encodeURIComponent(wait)}`, OPERATIONS.readClaim.query).wait;

    it("is 0 to 25 whole seconds, 0 by default", () => {
      expect(["0", "7", "07", "25"].map(parse)).to.deep.equal([0, 7, 7, 25]);
      expect(parseQuery("", OPERATIONS.readClaim.query)).to.deep.equal({ wait: 0 });
    });

    for (const wait of ["", "26", "-1", "1.5", "1e1", " 5", "five", "005"]) {
      it(`refuses ${JSON.stringify(wait)}`, () => {
        expect(refusalOf(() => parse(wait))).to.match(/^wait is .*, but must be a whole number of seconds from 0 to 25\.$/);
      });
    }
  });

  describe("the body of a claim", () => {
    const parse = (body: unknown) => parseBody(Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), OPERATIONS.claim.body);

    it("may be empty or missing", () => {
      expect([parse(""), parse({})]).to.deep.equal([{ wait: 0 }, { wait: 0 }]);
    });

    it("gives an open turn no length", () => {
      expect(parse({ for: "open" })).to.deep.equal({ for: null, wait: 0 });
    });

    it("takes spans as text or as whole seconds", () => {
      expect(parse({ for: "1h 30m", deadAfter: 90, wait: 20 })).to.deep.equal({
        for: 5400,
        deadAfter: 90,
        wait: 20,
      });
    });

    it("puts the owner and the reason on one line", () => {
      const reason = " a\u0000b\r\n\u2028\u202ec \ud800 ";
      expect(parse({ owner: "ci\t7", reason })).to.deep.include({ owner: "ci 7", reason: "a b c \ufffd" });
    });

    it("counts characters, not code units", () => {
      expect(parse({ owner: "🚀".repeat(100), reason: "🚀".repeat(200) }).owner).to.equal("🚀".repeat(100));
      expect(refusalOf(() => parse({ owner: "🚀".repeat(101) }))).to.match(/^owner is ".*", but must have at most 100 characters\.$/);
      expect(refusalOf(() => parse({ reason: "🚀".repeat(201) }))).to.match(/^reason is ".*", but must have at most 200 characters\.$/);
    });

    const refused: [body: unknown, sentence: string | RegExp][] = [
      [{ fro: "30m" }, 'There is no field "fro": a claim takes owner, for, reason, deadAfter, wait.'],
      [{ for: "soon" }, /^for: .*"soon"/],
      [{ for: 0.5 }, 'for is 0.5, but must be a string such as "30m", or whole seconds.'],
      [{ for: ["30m"] }, 'for is a list, but must be a string such as "30m", or whole seconds.'],
      [{ for: null }, 'for is null, but must be a string such as "30m", or whole seconds.'],
      [{ for: 31 * 86_400 }, /^for: .*30 days at most/],
      [{ deadAfter: "-1 hours" }, /^deadAfter: .*"-1 hours"/],
      [{ owner: 5 }, "owner is 5, but must be a string."],
      [{ reason: " \n" }, "reason is empty."],
      [{ wait: "5" }, 'wait is "5", but must be a whole number of seconds from 0 to 25.'],
      [{ wait: 26 }, "wait is 26, but must be a whole number of seconds from 0 to 25."],
    ];
    for (const [body, sentence] of refused) {
      it(`refuses ${JSON.stringify(body)}`, () => {
        const told = refusalOf(() => parse(body));
        if (typeof sentence === "string") expect(told).to.equal(sentence);
        else expect(told).to.match(sentence);
      });
    }

    for (const body of ["null", "[]", "{", '"x"']) {
      it(`refuses ${body}, which is not an object`, () => void refusalOf(() => parse(body)));
    }
  });

  describe("an idempotency key", () => {
    const parse = (key?: string) => parseHeaders({ headers: { "idempotency-key": key } }, OPERATIONS.claim.headers)["Idempotency-Key"];

    it("is used unchanged, and is optional", () => {
      expect([undefined, "run 7", "x".repeat(255)].map(parse)).to.deep.equal([undefined, "run 7", "x".repeat(255)]);
    });

    for (const key of ["", " run 7", "x".repeat(256), "läuft", "a\u0000", "a\n"]) {
      it(`refuses ${JSON.stringify(key).slice(0, 20)}`, () => {
        expect(refusalOf(() => parse(key))).to.match(/^Idempotency-Key is ".*", but must be 1 to 255 printable ASCII characters\.$/);
      });
    }
  });

  describe("a limit", () => {
    const parse = (limit: string) => parseQuery(`limit=${limit}`, OPERATIONS.listResources.query).limit;

    it("is 1 to 100, 50 by default", () => {
      expect(parseQuery("", OPERATIONS.listResources.query)).to.deep.equal({ limit: 50 });
      expect([parse("1"), parse("100")]).to.deep.equal([1, 100]);
    });

    for (const limit of ["", "0", "-1", "101", "1000", "1e3", "05", "1.5", "ten"]) {
      it(`refuses ${JSON.stringify(limit)}`, () => {
        expect(refusalOf(() => parse(limit))).to.equal(`limit is "${limit}", but must be a whole number from 1 to 100.`);
      });
    }
  });

  describe("a cursor", () => {
    const parse = (cursor?: string) => parseCursor("resources T0001", cursor);

    it("holds the position where the previous page ended, in any script", () => {
      expect(parse()).to.equal(undefined);
      for (const position of ["staging", "bühne/1 🚀"]) expect(parse(buildCursor("resources T0001", position))).to.equal(position);
    });

    const [position = "", checksum = ""] = buildCursor("resources T0001", "staging").split(".");
    const refused: [what: string, cursor: string][] = [
      ["has a wrong checksum", "YQ.AAAAAAAAAAAAAAAA"],
      ["has no checksum", "abc"],
      ["is empty", ""],
      ["belongs to another list", buildCursor("resources T0002", "staging")],
      ["has the checksum of another position", `${Buffer.from("stagings").toString("base64url")}.${checksum}`],
      ["was cut", `${position}.${checksum.slice(1)}`],
    ];
    for (const [what, cursor] of refused) {
      it(`is refused when it ${what}`, () => {
        expect(refusalOf(() => parse(cursor))).to.match(/^cursor is ".*", which is not one that this list gave out\.$/);
      });
    }
  });
});
