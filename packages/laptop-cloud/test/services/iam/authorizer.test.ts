import { expect } from "chai";
import type { Decision } from "../../../src/kernel/dispatch";
import type { AuthorizeMore, PolicyStatement } from "../../../src/kernel/service";
import { managedPolicyArns } from "../../../src/services/iam/managed-policies";
import { authorizerOf, functionWith, place, roleNamed, rolePolicy, trusting } from "./inventory";

const words = `arn:aws:dynamodb:us-east-1:${place.account}:table/words`;

/** Decides for a role with these statements. */
const decide = (statements: PolicyStatement[], action: string, resource: string, more: AuthorizeMore = {}): Decision =>
  authorizerOf(roleNamed("doer"), ...(statements.length === 0 ? [] : [rolePolicy("doer", ...statements)])).decide(
    functionWith("doer"),
    action,
    resource,
    more,
  );

const allow = (action: string | string[], resource: string | string[], more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
  ...more,
});

const reasonOf = (decision: Decision): string => {
  if (decision.allowed) throw new Error("it was allowed");
  return decision.reason;
};

describe("iam authorizer", () => {
  describe("actions and resources", () => {
    const put = "dynamodb:PutItem";
    const rows: [string, PolicyStatement[], string, string, boolean][] = [
      ["nothing granted", [], put, words, false],
      ["exactly", [allow(put, words)], put, words, true],
      ["another action", [allow("dynamodb:GetItem", words)], put, words, false],
      ["another resource", [allow(put, `${words}s`)], put, words, false],
      ["an index is not its table", [allow("dynamodb:Query", words)], "dynamodb:Query", `${words}/index/by-kind`, false],
      ["an index by wildcard", [allow("dynamodb:Query", `${words}/index/*`)], "dynamodb:Query", `${words}/index/by-kind`, true],
      ["an action in any case", [allow("DynamoDB:putitem", words)], put, words, true],
      ["a resource in its own case only", [allow(put, words.replace("words", "Words"))], put, words, false],
      ["action wildcards", [allow("dynamodb:P?t*", words)], put, words, true],
      ["everything", [allow("*", "*")], put, words, true],
      ["a resource wildcard", [allow(put, "arn:aws:dynamodb:*:*:table/w*s")], put, words, true],
      ["a wildcard stays in its field", [allow(put, `arn:aws:dynamodb:*:table/words`)], put, words, false],
      ["missing fields are wildcards", [allow(put, "arn:aws:dynamodb")], put, words, true],
      ["? is one character", [allow(put, words.replace("words", "word?"))], put, words, true],
      ["a dot is a dot", [allow(put, words.replace("words", "w.rds"))], put, words, false],
      ["a literal asterisk", [allow(put, words.replace("words", "$" + "{*}*"))], put, words.replace("words", "*x"), true],
      ["a literal asterisk is no wildcard", [allow(put, words.replace("words", "$" + "{*}"))], put, words, false],
      ["NotAction leaves out", [{ Effect: "Allow", NotAction: "dynamodb:Delete*", Resource: "*" }], "dynamodb:DeleteItem", words, false],
      ["NotAction grants the rest", [{ Effect: "Allow", NotAction: "dynamodb:Delete*", Resource: "*" }], put, words, true],
      ["NotResource leaves out", [{ Effect: "Allow", Action: put, NotResource: words }], put, words, false],
      ["NotResource grants the rest", [{ Effect: "Allow", Action: put, NotResource: words }], put, `${words}2`, true],
      ["a Deny wins", [allow("*", "*"), { Effect: "Deny", Action: put, Resource: words }], put, words, false],
      ["a Deny elsewhere does not", [allow("*", "*"), { Effect: "Deny", Action: put, Resource: `${words}2` }], put, words, true],
      ["* asked needs * granted", [allow("sns:*", "arn:aws:sns:*:*:*")], "sns:ListTopics", "*", false],
      [
        "an ARN may hold colons",
        [allow("lambda:*", "arn:aws:lambda:*:*:function:a*")],
        "lambda:Get",
        "arn:aws:lambda:x:1:function:a:1",
        true,
      ],
    ];
    for (const [title, statements, action, resource, allowed] of rows) {
      it(`${allowed ? "allows" : "denies"}: ${title}`, () => {
        expect(decide(statements, action, resource).allowed).to.equal(allowed);
      });
    }
  });

  describe("conditions", () => {
    const key = "sns:Protocol";
    const rows: [string, PolicyStatement["Condition"], Record<string, string | string[]>, boolean][] = [
      ["StringEquals", { StringEquals: { [key]: "sqs" } }, { [key]: "sqs" }, true],
      ["StringEquals, any of several", { StringEquals: { [key]: ["lambda", "sqs"] } }, { [key]: "sqs" }, true],
      ["StringEquals, other", { StringEquals: { [key]: "sqs" } }, { [key]: "SQS" }, false],
      ["StringEquals, absent", { StringEquals: { [key]: "sqs" } }, {}, false],
      ["StringEqualsIfExists, absent", { StringEqualsIfExists: { [key]: "sqs" } }, {}, true],
      ["StringEqualsIfExists, other", { StringEqualsIfExists: { [key]: "sqs" } }, { [key]: "x" }, false],
      ["StringEqualsIgnoreCase", { StringEqualsIgnoreCase: { [key]: "sqs" } }, { [key]: "SQS" }, true],
      ["keys in any case", { StringEquals: { "SNS:protocol": "sqs" } }, { [key]: "sqs" }, true],
      ["StringNotEquals, none of several", { StringNotEquals: { [key]: ["lambda", "sqs"] } }, { [key]: "sqs" }, false],
      ["StringNotEquals, absent", { StringNotEquals: { [key]: "sqs" } }, {}, true],
      ["StringLike", { StringLike: { [key]: "s?s*" } }, { [key]: "sqs" }, true],
      ["StringNotLike", { StringNotLike: { [key]: "s*" } }, { [key]: "sqs" }, false],
      ["Null true, absent", { Null: { [key]: "true" } }, {}, true],
      ["Null false, absent", { Null: { [key]: false } }, {}, false],
      ["Null false, present", { Null: { [key]: "false" } }, { [key]: "x" }, true],
      ["Bool", { Bool: { "aws:SecureTransport": true } }, {}, true],
      ["Bool, other", { Bool: { "aws:SecureTransport": "false" } }, {}, false],
      ["NumericLessThanEquals", { NumericLessThanEquals: { "s3:max-keys": "10" } }, { "s3:max-keys": "10" }, true],
      ["NumericLessThan", { NumericLessThan: { "s3:max-keys": 10 } }, { "s3:max-keys": "10" }, false],
      ["Numeric, no number", { NumericLessThan: { "s3:max-keys": 10 } }, { "s3:max-keys": "few" }, false],
      ["DateGreaterThan", { DateGreaterThan: { "aws:CurrentTime": "2026-11-21T00:00:00Z" } }, {}, true],
      ["DateLessThan in seconds", { DateLessThan: { "aws:EpochTime": "1000" } }, {}, false],
      ["ArnLike", { ArnLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/do*" } }, {}, true],
      ["ArnNotLike", { ArnNotLike: { "aws:PrincipalArn": "arn:aws:iam::*:role/do*" } }, {}, false],
      ["ArnEquals takes wildcards too", { ArnEquals: { "aws:PrincipalArn": "arn:aws:iam::*:role/doer" } }, {}, true],
      [
        "ForAllValues, all",
        { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["a", "b"] } },
        { "dynamodb:LeadingKeys": ["a", "b", "a"] },
        true,
      ],
      [
        "ForAllValues, one other",
        { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["a"] } },
        { "dynamodb:LeadingKeys": ["a", "c"] },
        false,
      ],
      ["ForAllValues, absent", { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["a"] } }, {}, true],
      ["ForAnyValue, one", { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": ["a"] } }, { "dynamodb:LeadingKeys": ["c", "a"] }, true],
      ["ForAnyValue, absent", { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": ["a"] } }, {}, false],
      ["all operators hold", { StringEquals: { [key]: "sqs" }, Bool: { "aws:ViaAWSService": "true" } }, { [key]: "sqs" }, false],
      ["aws:RequestedRegion", { StringEquals: { "aws:RequestedRegion": "us-east-1" } }, {}, true],
      ["aws:PrincipalTag", { StringEquals: { "aws:PrincipalTag/Team": "payroll" } }, {}, true],
    ];
    for (const [title, condition, context, allowed] of rows) {
      it(`${allowed ? "meets" : "fails"}: ${title}`, () => {
        const authorizer = authorizerOf(
          roleNamed("doer", { tags: { team: "payroll" } }),
          rolePolicy("doer", allow("*", "*", { Condition: condition })),
        );
        expect(authorizer.decide(functionWith("doer"), "sns:Subscribe", "arn:aws:sns:us-east-1:1:t", { context }).allowed).to.equal(
          allowed,
        );
      });
    }
  });

  describe("where policies come from", () => {
    const statement = allow("sqs:SendMessage", "*");
    const document = JSON.stringify({ Version: "2012-10-17", Statement: statement });
    const policy = { type: "aws:iam/policy:Policy", name: "send", inputs: { policy: document } };
    const policyArn = `arn:aws:iam::${place.account}:policy/send`;
    const maySend = (...resources: Parameters<typeof authorizerOf>) =>
      authorizerOf(...resources).decide(functionWith("doer"), "sqs:SendMessage", "arn:aws:sqs:us-east-1:1:q", {}).allowed;

    it("a role's inline policies", () => {
      expect(maySend(roleNamed("doer", { inlinePolicies: [{ name: "p", policy: document }] }))).to.equal(true);
    });
    it("a policy given as an object", () => {
      expect(maySend(roleNamed("doer", { inlinePolicies: [{ name: "p", policy: JSON.parse(document) }] }))).to.equal(true);
    });
    it("managedPolicyArns of the role", () => {
      expect(maySend(policy, roleNamed("doer", { managedPolicyArns: [policyArn] }))).to.equal(true);
    });
    it("an attachment of one role", () => {
      const attachment = { type: "aws:iam/rolePolicyAttachment:RolePolicyAttachment", name: "a", inputs: { role: "doer", policyArn } };
      expect(maySend(policy, roleNamed("doer"), attachment)).to.equal(true);
    });
    it("an attachment of several roles", () => {
      const attachment = { type: "aws:iam/policyAttachment:PolicyAttachment", name: "a", inputs: { roles: ["doer"], policyArn } };
      expect(maySend(policy, roleNamed("doer"), attachment)).to.equal(true);
    });
    it("a known AWS managed policy", () => {
      const basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
      const authorizer = authorizerOf(roleNamed("doer", { managedPolicyArns: [basic] }));
      const decision = authorizer.decide(functionWith("doer"), "logs:PutLogEvents", "arn:aws:logs:us-east-1:1:log-group:g:*", {});
      expect(decision.allowed).to.equal(true);
    });
    it("every known AWS managed policy", () => {
      const authorizer = authorizerOf(roleNamed("doer", { managedPolicyArns: managedPolicyArns() }));
      const decision = authorizer.decide(functionWith("doer"), "dynamodb:PutItem", "arn:aws:dynamodb:us-east-1:000000000000:table/t", {});
      expect(decision.allowed).to.equal(true);
    });
    it("everything but IAM, with PowerUserAccess", () => {
      const authorizer = authorizerOf(roleNamed("doer", { managedPolicyArns: ["arn:aws:iam::aws:policy/PowerUserAccess"] }));
      const may = (action: string) => authorizer.decide(functionWith("doer"), action, "*", {}).allowed;
      expect(["sqs:ListQueues", "iam:ListRoles", "iam:CreateRole", "iam:PassRole"].map(may)).to.deep.equal([true, true, false, false]);
    });
    it("reads without secrets, with ReadOnlyAccess", () => {
      const authorizer = authorizerOf(roleNamed("doer", { managedPolicyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"] }));
      const may = (action: string) => authorizer.decide(functionWith("doer"), action, "*", {}).allowed;
      const actions = ["s3:GetObject", "ssm:GetParameter", "secretsmanager:GetSecretValue", "dynamodb:PutItem", "sqs:DeleteMessage"];
      expect(actions.map(may)).to.deep.equal([true, true, false, false, false]);
    });
    it("PassRole of an AWS managed policy, to its service only", () => {
      const authorizer = authorizerOf(
        roleNamed("doer", { managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonEventBridgeSchedulerFullAccess"] }),
      );
      const mayPassTo = (service: string) =>
        authorizer.decide(functionWith("doer"), "iam:PassRole", "arn:aws:iam::000000000000:role/doer", {
          context: { "iam:PassedToService": service },
        }).allowed;
      expect(mayPassTo("scheduler.amazonaws.com")).to.equal(true);
      expect(mayPassTo("lambda.amazonaws.com")).to.equal(false);
    });
    it("refuses an unknown AWS managed policy, by name", () => {
      expect(() => authorizerOf(roleNamed("doer", { managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"] }))).to.throw(
        'The role "doer" has the policy arn:aws:iam::aws:policy/AmazonEKSClusterPolicy, which the laptop cloud does not imitate.',
      );
    });
    it("refuses a policy for a role that is not declared", () => {
      expect(() => authorizerOf(rolePolicy("nobody", statement))).to.throw('names the role "nobody", which the program does not declare');
    });
  });

  describe("invalid parts are refused by name", () => {
    const rows: [string, unknown, string][] = [
      ["no JSON", "{", "is not JSON"],
      ["no object", "[]", "is not a JSON object"],
      ["an unknown element", { Statement: [{ ...allow("a:b", "*"), Principals: "*" }] }, "element Principals"],
      [
        "an unknown operator",
        { Statement: [allow("a:b", "*", { Condition: { IpAddress: { "sns:x": "1.2.3.4/8" } } })] },
        "operator IpAddress",
      ],
      [
        "an unknown global key",
        { Statement: [allow("a:b", "*", { Condition: { StringEquals: { "aws:PrincipalOrgID": "o" } } })] },
        "aws:PrincipalOrgID",
      ],
      ["a policy variable", { Statement: [allow("a:b", "arn:aws:s3:::b/$" + "{aws:username}/*")] }, "aws:username"],
      ["no action", { Statement: [{ Effect: "Allow", Resource: "*" }] }, "either Action or NotAction"],
      ["no resource", { Statement: [{ Effect: "Allow", Action: "a:b" }] }, "either Resource or NotResource"],
      ["an effect in lower case", { Statement: [{ ...allow("a:b", "*"), Effect: "allow" }] }, '"allow" is neither'],
      ["a bare action", { Statement: [allow("PutItem", "*")] }, '"PutItem" is not an action'],
      ["a bare resource", { Statement: [allow("a:b", "words")] }, '"words" is not an ARN'],
      ["a principal in a role's policy", { Statement: [{ ...allow("a:b", "*"), Principal: "*" }] }, "has a Principal"],
      ["another version", { Version: "2012-10-18", Statement: [allow("a:b", "*")] }, '"2012-10-18"'],
      ["nothing", { Version: "2012-10-17", Statement: [] }, "no Statement"],
    ];
    for (const [title, policy, sentence] of rows) {
      it(title, () => {
        const declared = { type: "aws:iam/rolePolicy:RolePolicy", name: "p", inputs: { role: "doer", policy } };
        expect(() => authorizerOf(roleNamed("doer"), declared)).to.throw(sentence);
      });
    }
  });

  describe("trust", () => {
    it("denies a function whose role does not trust Lambda, with the missing statement", () => {
      const authorizer = authorizerOf(
        roleNamed("doer", { assumeRolePolicy: trusting("ecs-tasks.amazonaws.com") }),
        rolePolicy("doer", allow("*", "*")),
      );
      expect(reasonOf(authorizer.decide(functionWith("doer"), "sqs:SendMessage", "*", {}))).to.contain(
        'lacks {"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}',
      );
    });
    it("checks the resource on whose behalf a service assumes the role", () => {
      const group = `arn:aws:scheduler:us-east-1:${place.account}:schedule-group/releases`;
      const trust = {
        Effect: "Allow",
        Principal: { Service: "scheduler.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { ArnLike: { "aws:SourceArn": group }, StringEquals: { "aws:SourceAccount": place.account } },
      };
      const authorizer = authorizerOf(
        roleNamed("timer", { assumeRolePolicy: { Version: "2012-10-17", Statement: [trust] } }),
        rolePolicy("timer", allow("sqs:SendMessage", "*")),
      );
      const ask = (sourceArn: string) =>
        authorizer.decide(
          { kind: "role", roleArn: `arn:aws:iam::${place.account}:role/timer`, principal: "scheduler.amazonaws.com", sourceArn },
          "sqs:SendMessage",
          "arn:aws:sqs:us-east-1:1:q",
          {},
        ).allowed;
      expect(ask(group)).to.equal(true);
      expect(ask(`${group}2`)).to.equal(false);
    });
    const names: [trusted: string, principal: "states.amazonaws.com" | "lambda.amazonaws.com", allowed: boolean][] = [
      ["states.us-east-1.amazonaws.com", "states.amazonaws.com", true],
      ["states.amazonaws.com", "states.amazonaws.com", true],
      ["states.eu-west-1.amazonaws.com", "states.amazonaws.com", false],
      ["lambda.us-east-1.amazonaws.com", "lambda.amazonaws.com", false],
    ];
    for (const [trusted, principal, allowed] of names) {
      it(`${allowed ? "lets" : "does not let"} ${principal} assume a role that trusts ${trusted}`, () => {
        const authorizer = authorizerOf(
          roleNamed("runner", { assumeRolePolicy: trusting(trusted) }),
          rolePolicy("runner", allow("*", "*")),
        );
        const caller = { kind: "role", roleArn: `arn:aws:iam::${place.account}:role/runner`, principal } as const;
        expect(authorizer.decide(caller, "lambda:InvokeFunction", "*", {}).allowed).to.equal(allowed);
      });
    }
    it("denies an undeclared role", () => {
      expect(reasonOf(authorizerOf().decide(functionWith("ghost"), "sqs:SendMessage", "*", {}))).to.contain("declares no role");
    });
  });

  describe("resource policies", () => {
    const topicArn = `arn:aws:sns:us-east-1:${place.account}:messages`;
    const functionArn = `arn:aws:lambda:us-east-1:${place.account}:function:logger`;
    const sns = { kind: "service", principal: "sns.amazonaws.com", sourceArn: topicArn } as const;
    const permission = (more: Partial<PolicyStatement> = {}) => ({
      resourcePolicy: {
        Statement: [
          { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "lambda:InvokeFunction", Resource: functionArn, ...more },
        ] as PolicyStatement[],
      },
    });

    const rows: [string, AuthorizeMore, boolean][] = [
      ["none", {}, false],
      ["its principal", permission(), true],
      ["another principal", permission({ Principal: { Service: "s3.amazonaws.com" } }), false],
      ["its principal in another region", permission({ Principal: { Service: "sns.eu-west-1.amazonaws.com" } }), false],
      ["anybody", permission({ Principal: "*" }), true],
      ["anybody, the other way", permission({ Principal: { AWS: "*" } }), true],
      ["its source", permission({ Condition: { ArnLike: { "AWS:SourceArn": topicArn } } }), true],
      ["another source", permission({ Condition: { ArnLike: { "AWS:SourceArn": `${topicArn}2` } } }), false],
      ["its account", permission({ Condition: { StringEquals: { "aws:SourceAccount": place.account } } }), true],
      ["another function", permission({ Resource: `${functionArn}2` }), false],
      ["a deny", permission({ Effect: "Deny" }), false],
      ["one that can't be read", permission({ Condition: { IpAddress: { "aws:SourceArn": "1.2.3.4" } } }), false],
    ];
    for (const [title, more, allowed] of rows) {
      it(`${allowed ? "let in" : "keep out"} a service: ${title}`, () => {
        expect(authorizerOf().decide(sns, "lambda:InvokeFunction", functionArn, more).allowed).to.equal(allowed);
      });
    }

    it("name a role, which then needs no policy of its own", () => {
      const more = permission({ Principal: { AWS: `arn:aws:iam::${place.account}:role/doer` } });
      expect(authorizerOf(roleNamed("doer")).decide(functionWith("doer"), "lambda:InvokeFunction", functionArn, more).allowed).to.equal(
        true,
      );
    });
    it("name an account, which only delegates", () => {
      const more = permission({ Principal: { AWS: `arn:aws:iam::${place.account}:root` } });
      expect(authorizerOf(roleNamed("doer")).decide(functionWith("doer"), "lambda:InvokeFunction", functionArn, more).allowed).to.equal(
        false,
      );
    });
    it("deny an account, and with it all its roles", () => {
      const more = permission({ Effect: "Deny", Principal: { AWS: place.account } });
      const authorizer = authorizerOf(roleNamed("doer"), rolePolicy("doer", allow("*", "*")));
      expect(reasonOf(authorizer.decide(functionWith("doer"), "lambda:InvokeFunction", functionArn, more))).to.contain(
        "explicit deny in a resource-based policy",
      );
    });
  });

  describe("reasons", () => {
    it("begin like AWS's and end with the missing statement", () => {
      expect(reasonOf(decide([], "dynamodb:PutItem", words))).to.equal(
        `User: arn:aws:sts::${place.account}:assumed-role/doer/words-webhook is not authorized to perform: dynamodb:PutItem on resource: ${words} ` +
          "because no identity-based policy allows the dynamodb:PutItem action. " +
          `The role "doer" lacks {"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"${words}"}`,
      );
    });
    it("name the statement that denies", () => {
      const denying: PolicyStatement = { Sid: "NoWrites", Effect: "Deny", Action: "dynamodb:Put*", Resource: "*" };
      expect(reasonOf(decide([allow("*", "*"), denying], "dynamodb:PutItem", words))).to.contain('statement "NoWrites" of doer-policy');
    });
    it("name the unmet condition", () => {
      const statement = allow("iam:PassRole", "*", { Condition: { StringEquals: { "iam:PassedToService": "scheduler.amazonaws.com" } } });
      const decision = decide([statement], "iam:PassRole", "arn:aws:iam::1:role/x", {
        context: { "iam:PassedToService": "ecs.amazonaws.com" },
      });
      expect(reasonOf(decision)).to.contain(
        'its condition StringEquals on iam:PassedToService, which is "ecs.amazonaws.com" in this request',
      );
    });
    it("end with the statement that the target of a service lacks", () => {
      const sourceArn = `arn:aws:sns:us-east-1:${place.account}:messages`;
      const decision = authorizerOf().decide(
        { kind: "service", principal: "sns.amazonaws.com", sourceArn },
        "sqs:SendMessage",
        "arn:aws:sqs:r:1:q",
        {},
      );
      expect(reasonOf(decision)).to.contain(
        '{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:r:1:q",' +
          `"Condition":{"ArnLike":{"aws:SourceArn":"${sourceArn}"}}}`,
      );
    });
  });

  describe("usage", () => {
    it("distinguishes used and unused grants, by action and resource", () => {
      const authorizer = authorizerOf(
        roleNamed("doer"),
        rolePolicy("doer", allow(["dynamodb:PutItem", "dynamodb:Get*"], [words, `${words}/index/*`], { Sid: "Words" })),
      );
      for (let call = 0; call < 3; call++) authorizer.decide(functionWith("doer"), "dynamodb:GetItem", words, {});

      const used = authorizer.usage().grants.filter(grant => grant.used > 0);
      expect(used).to.deep.equal([
        {
          role: "doer",
          policy: "doer-policy",
          statement: '"Words"',
          action: "dynamodb:Get*",
          resource: words,
          used: 3,
          actionsUsed: ["dynamodb:GetItem"],
        },
      ]);
      expect(authorizer.usage().grants).to.have.length(4);
    });
    it("counts denials", () => {
      const authorizer = authorizerOf(roleNamed("doer"));
      for (let call = 0; call < 2; call++) authorizer.decide(functionWith("doer"), "dynamodb:GetItem", words, {});
      const [denial] = authorizer.usage().denials;
      expect(denial).to.include({ who: "doer", action: "dynamodb:GetItem", resource: words, count: 2 });
    });
  });
});
