import { expect } from "chai";
import { buildToken, describeToken, hashToken, parseBearer } from "#core/dibs/api-token";

const NOW_MS = 1_763_805_600_000;
const build = (over: Partial<Record<"secret" | "team" | "user" | "request", string>> = {}) => {
  const { secret, team, user, request } = { secret: "secret", team: "T0001", user: "U0001", request: "1.1", ...over };
  return buildToken(secret, team, user, request);
};

describe("api-token", () => {
  it("has 40 letters or digits, and is the same for the same request", () => {
    expect(build()).to.match(/^sf_[A-Za-z0-9]{40}$/);
    expect(build()).to.equal(build());
  });

  it("differs for another secret, team, user or request", () => {
    const tokens = [
      build(),
      build({ secret: "other" }),
      build({ team: "T0002" }),
      build({ user: "U0002" }),
      build({ request: "1.2" }),
      build({ user: 'U0001","1' }),
    ];
    expect(new Set(tokens).size).to.equal(tokens.length);
  });

  it("is stored as a hash, for a year", () => {
    const stored = describeToken(build(), "T0001", "U0001", NOW_MS);
    expect(JSON.stringify(stored)).not.to.contain(build());
    expect(stored).to.deep.equal({
      hash: hashToken(build()),
      id: hashToken(build()).slice(0, 8),
      team: "T0001",
      user: "U0001",
      createdAtMs: NOW_MS,
      expiresAtMs: NOW_MS + 365 * 86_400_000,
    });
  });

  it("is read from a header whose scheme is in any case", () => {
    for (const scheme of ["Bearer", "bearer", "BEARER "]) expect(parseBearer(`${scheme} ${build()}`)).to.equal(build());
  });

  for (const header of [
    undefined,
    "",
    "Bearer",
    `Basic ${build()}`,
    build(),
    `Bearer ${build()}x`,
    `Bearer ${build()} x`,
    "Bearer xoxb-1",
  ]) {
    it(`is not found in ${JSON.stringify(header?.replace(build(), "TOKEN"))}`, () => expect(parseBearer(header)).to.equal(undefined));
  }
});
