import type { PolicyDocument, PolicyStatement } from "../../kernel/service";
import { invalid, notFound } from "./names";

interface Permission {
  StatementId: string;
  /** An account, or `*`. */
  Principal: string;
  Action?: string;
  busArn: string;
}

const parsePolicy = (text: string): PolicyDocument => {
  try {
    const policy = JSON.parse(text) as Partial<PolicyDocument> | null;
    if (policy?.Statement !== undefined) return policy as PolicyDocument;
  } catch {
    // Refused below, like a policy without statements.
  }
  throw invalid(`The policy of an event bus is ${text.slice(0, 200)}, but must be JSON with statements.`);
};

/** One statement of a bus's policy. Throws `AwsError` ValidationException. */
const permissionStatement = ({ StatementId, Principal, Action = "events:PutEvents", busArn }: Permission): PolicyStatement => {
  if (!/^[a-zA-Z0-9-_]{1,64}$/.test(StatementId))
    throw invalid(`StatementId is ${JSON.stringify(StatementId)}, but must be 1 to 64 letters.`);
  if (Principal !== "*" && !/^\d{12}$/.test(Principal))
    throw invalid(`Principal is ${JSON.stringify(Principal)}, but must be an account's number or "*".`);
  return {
    Sid: StatementId,
    Effect: "Allow",
    Principal: Principal === "*" ? "*" : { AWS: `arn:aws:iam::${Principal}:root` },
    Action,
    Resource: busArn,
  };
};

const statementsOf = (policy: PolicyDocument | undefined): PolicyStatement[] => [policy?.Statement ?? []].flat();

const withStatement = (policy: PolicyDocument | undefined, statement: PolicyStatement): PolicyDocument => ({
  Version: "2012-10-17",
  Statement: [...statementsOf(policy).filter(({ Sid }) => Sid !== statement.Sid), statement],
});

/** Throws `AwsError` ResourceNotFoundException. */
const withoutStatement = (policy: PolicyDocument | undefined, statementId: string | undefined): PolicyDocument | undefined => {
  const statements = statementsOf(policy);
  const left = statements.filter(({ Sid }) => Sid !== statementId);
  if (left.length === statements.length) throw notFound(`Statement ${statementId} does not exist.`);
  return left.length === 0 ? undefined : { Version: "2012-10-17", Statement: left };
};

export { parsePolicy, permissionStatement, withoutStatement, withStatement };
