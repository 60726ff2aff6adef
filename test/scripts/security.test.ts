import { expect } from "chai";
import { buildAccess, type Resource } from "../../scripts/security/access";
import { buildRoles } from "../../scripts/security/roles";
import { buildStored } from "../../scripts/security/stored";

describe("security", () => {
  const lambda = { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" };
  const declareRole = (...Statement: object[]): Resource[] => [
    { type: "aws:iam/role:Role", name: "door", inputs: { assumeRolePolicy: JSON.stringify({ Statement: [lambda] }) } },
    { type: "aws:iam/rolePolicy:RolePolicy", name: "door", inputs: { role: "door", policy: JSON.stringify({ Statement }) } },
  ];
  const log = {
    Effect: "Allow",
    Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
    Resource: ["arn:aws:logs:us-east-1:0:log-group:/aws/lambda/slack-fanout-local-door:*"],
  };
  const read = { Effect: "Allow", Action: ["dynamodb:GetItem", "dynamodb:Query"], Resource: ["arn:aws:dynamodb:us-east-1:0:table/words"] };
  const decrypt = {
    Effect: "Allow",
    Action: ["kms:Decrypt"],
    Resource: ["arn:aws:kms:us-east-1:0:key/1-2"],
    Condition: { StringLike: { "kms:EncryptionContext:installation": ["T*"] } },
  };

  it("lists the statements of a role with their conditions, without its own log, and says which stack has them", () => {
    expect(buildRoles(declareRole(log, read), declareRole(read, decrypt)).split("\n").at(-1)).to.equal(
      "| `door` | lambda | dynamodb:GetItem, Query on `table/words`<br>" +
        "kms:Decrypt on `key/ID` if kms:EncryptionContext:installation StringLike `T*` (`workspaces: many`) |",
    );
  });

  it("lists somebody else's log", () => {
    const other = { ...log, Resource: ["arn:aws:logs:us-east-1:0:log-group:/aws/lambda/slack-fanout-local-other:*"] };
    expect(buildRoles(declareRole(other), [])).to.contain("logs:CreateLogStream, PutLogEvents on");
  });

  it("lists whom a policy lets in", () => {
    const policy = JSON.stringify({ Statement: [{ Effect: "Allow", Principal: "*", Action: "sqs:SendMessage" }] });
    expect(buildAccess([{ type: "aws:sqs/queuePolicy:QueuePolicy", name: "open", inputs: { policy } }])).to.contain(
      "| `open` | everybody | may sqs:SendMessage |",
    );
  });

  it("refuses a table that nobody has described", () => {
    expect(() => buildStored([{ type: "aws:dynamodb/table:Table", name: "secrets", inputs: {} }])).to.throw(
      "secrets is stored, but scripts/security/stored.ts doesn't tell what it is: add it to CONTENTS.",
    );
  });
});
