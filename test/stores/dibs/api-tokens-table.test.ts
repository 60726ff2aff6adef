import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { type ApiToken, describeToken } from "#core/dibs/api-token";
import { ApiTokensTable } from "#stores/dibs/api-tokens-table";
import { createDibsTables } from "../../dibs-tables";

const NOW_MS = 1_763_805_600_000;

describe("api-tokens-table", () => {
  let tables: Awaited<ReturnType<typeof createDibsTables>>;
  let tokens: ApiTokensTable;

  before(async () => {
    tables = await createDibsTables();
    tokens = new ApiTokensTable(tables.client, tables.names.tokens);
  });
  after(() => tables.stop());

  const deadline = () => new Deadline(20_000);
  let count = 0;
  const create = (user = "U0001", atMs = NOW_MS): ApiToken => {
    count += 1;
    return describeToken(`sf_${String(count).padStart(40, "0")}`, "T0001", user, atMs);
  };
  const put = async (token: ApiToken): Promise<ApiToken> => {
    await tokens.put(token, deadline());
    return token;
  };

  it("finds a token, and keeps it when another with the same hash is put", async () => {
    const token = await put(create());
    await put({ ...token, user: "U0002" });
    expect(await tokens.find(token.hash, deadline())).to.deep.equal(token);
  });

  it("lists one user's tokens, latest first", async () => {
    const [first, second] = [await put(create("U0003")), await put(create("U0003", NOW_MS + 1000))];
    await put(create("U0004"));
    expect(await tokens.list("T0001", "U0003", deadline())).to.deep.equal([second, first]);
    expect(await tokens.list("T0002", "U0003", deadline())).to.deep.equal([]);
  });

  it("records the last use at most once a minute", async () => {
    const token = await put(create());
    const used = async (atMs: number, known = token) => {
      await tokens.touch(known, atMs, deadline());
      return (await tokens.find(token.hash, deadline()))?.lastUsedAtMs;
    };
    expect(await used(NOW_MS)).to.equal(NOW_MS);
    // A request that read the token before its last use was recorded.
    expect(await used(NOW_MS + 59_999)).to.equal(NOW_MS);
    expect(await used(NOW_MS + 60_000, { ...token, lastUsedAtMs: NOW_MS })).to.equal(NOW_MS + 60_000);
  });

  it("does not find a revoked token, even if a use is recorded at the same time", async () => {
    const token = await put(create());
    await tokens.revoke(token.hash, NOW_MS, deadline());
    await tokens.touch(token, NOW_MS, deadline());
    expect(await tokens.find(token.hash, deadline())).to.equal(undefined);
  });

  it("does not bring back a revoked token when its request is retried", async () => {
    const token = await put(create());
    await tokens.revoke(token.hash, NOW_MS, deadline());
    expect(await tokens.put(token, deadline())).to.equal(false);
    expect(await tokens.find(token.hash, deadline())).to.equal(undefined);
    expect((await tokens.list(token.team, token.user, deadline())).map(({ hash }) => hash)).not.to.include(token.hash);
  });
});
