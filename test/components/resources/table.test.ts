import { expect } from "chai";
import { Table } from "../../../components/resources/table";
import { runMocked } from "../mocked";
import { find } from "../registered";

describe("table", () => {
  const args = {
    partitionKey: "word:S",
    indexes: [{ name: "by-kind", partitionKey: "kind:S", sortKey: "count:N", projection: "ALL" }],
    expiresAt: "expires_at",
  } as const;
  const makeTable = async (production: boolean) => {
    const { resources } = await runMocked(() => void new Table("words", { ...args, production }));
    return find(resources, "aws:dynamodb/table:Table");
  };

  it("declares each key attribute once, and is billed per request", async () => {
    expect(await makeTable(false)).to.deep.include({
      billingMode: "PAY_PER_REQUEST",
      hashKey: "word",
      attributes: [
        { name: "word", type: "S" },
        { name: "kind", type: "S" },
        { name: "count", type: "N" },
      ],
      ttl: { attributeName: "expires_at", enabled: true },
    });
  });

  it("is protected in production only", async () => {
    expect(await makeTable(true)).to.deep.include({ deletionProtectionEnabled: true, pointInTimeRecovery: { enabled: true } });
    expect(await makeTable(false)).to.deep.include({ deletionProtectionEnabled: false, pointInTimeRecovery: { enabled: false } });
  });
});
