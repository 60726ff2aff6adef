import { expect } from "chai";
import { Dibs } from "../../../components/features/dibs";
import { type MockedResource, runMocked } from "../mocked";
import { find, makeFeatureArgs, statementsOf } from "../registered";

const arn = (name: string) => `arn:aws:mock:us-east-1:000000000000:${name}`;

describe("dibs", () => {
  let resources: MockedResource[];

  before(async () => {
    ({ resources } = await runMocked(() => {
      new Dibs("dibs", { ...makeFeatureArgs(), dibsDefault: null });
    }));
  });

  it("have one item per queue, and a sparse index of the queues that are due", () => {
    const table = find(resources, "aws:dynamodb/table:Table", "dibs");
    expect(table).to.include({ hashKey: "team", rangeKey: "name" });
    expect(table["globalSecondaryIndexes"]).to.have.length(1);
    expect(table["globalSecondaryIndexes"][0]).to.deep.include({ name: "due", projectionType: "KEYS_ONLY" });
  });

  it("delete past claims and expired tokens automatically", () => {
    for (const table of ["dibs-history", "dibs-tokens", "dibs-requests"])
      expect(find(resources, "aws:dynamodb/table:Table", table)["ttl"]).to.deep.equal({ attributeName: "expires_at", enabled: true });
    expect(find(resources, "aws:dynamodb/table:Table", "dibs")).not.to.have.property("ttl");
  });

  it("end turns by timers, whose role may invoke one function, for this account only", () => {
    expect(statementsOf(resources, "dibs-timer").map(({ Action, Resource }) => [Action, Resource])).to.deep.equal([
      [["lambda:InvokeFunction"], [arn("dibs-release")]],
      [["sqs:SendMessage"], [arn("dibs-dead-letters")]],
    ]);
    const [trust] = JSON.parse(find(resources, "aws:iam/role:Role", "dibs-timer")["assumeRolePolicy"]).Statement;
    expect(trust).to.deep.include({
      Principal: { Service: "scheduler.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": "000000000000" } },
    });
  });

  it("allow the function that ends turns to create timers in one group and to pass one role", () => {
    const statements = statementsOf(resources, "dibs-release");
    const resourcesFor = (action: string) => statements.filter(({ Action }) => Action.includes(action)).map(({ Resource }) => Resource);
    expect(resourcesFor("iam:PassRole")).to.deep.equal([[arn("dibs-timer")]]);
    for (const [resource] of resourcesFor("scheduler:CreateSchedule")) expect(resource).to.match(/schedule\/dibs\/\*$|:dibs/);
    expect(resourcesFor("sns:Publish")).to.deep.equal([[arn("successes")]]);
  });

  it("retry a timer for an hour only, after which the sweep has ended the turn", () => {
    expect(find(resources, "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig")).to.include({
      maximumEventAgeInSeconds: 3600,
    });
  });
});
