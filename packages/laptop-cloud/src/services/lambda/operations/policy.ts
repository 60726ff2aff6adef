import { AwsError } from "../../../kernel/aws-error";
import { refuseUnknownParameters } from "../../../kernel/parameters";
import type { OperationOf } from "../../../kernel/service";
import { permissionStatement } from "../resources/permission";
import type { Functions } from "../store";
import { invalidParameter, resourceNotFound } from "./errors";

interface PermissionInput {
  FunctionName: string;
  StatementId?: string;
  Action?: string;
  Principal?: string;
  SourceArn?: string;
  SourceAccount?: string;
}

const getPolicy: OperationOf<Functions> = async (
  functions,
  { FunctionName, Qualifier }: { FunctionName: string; Qualifier?: string },
  call,
) => {
  call.authorize("lambda:GetPolicy", functions.arnOf(FunctionName));
  const { policy } = functions.find(FunctionName, Qualifier);
  if (policy.length === 0) throw resourceNotFound();
  return { Policy: JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: policy }), RevisionId: "1" };
};

/** Behaves as AddPermission; differs: at the next start a declared function has its declared permissions again. */
const addPermission: OperationOf<Functions> = async (functions, input: PermissionInput, call) => {
  refuseUnknownParameters(call, input, ["FunctionName", "StatementId", "Action", "Principal", "SourceArn", "SourceAccount"]);
  const arn = functions.arnOf(input.FunctionName);
  call.authorize("lambda:AddPermission", arn);
  const deployed = functions.find(input.FunctionName);
  const { StatementId: statementId, Action: action, Principal: principal, SourceArn: sourceArn, SourceAccount: sourceAccount } = input;
  if (!/^[\w-]{1,100}$/.test(statementId ?? ""))
    throw invalidParameter(`StatementId is ${JSON.stringify(statementId)}, but must be 1 to 100 letters, digits, hyphens and underscores.`);
  if (action === undefined || principal === undefined) throw invalidParameter("Action and Principal are required.");
  if (deployed.policy.some(({ Sid }) => Sid === statementId))
    throw new AwsError(
      "ResourceConflictException",
      `The statement id (${statementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      409,
      { Type: "User" },
    );
  const statement = permissionStatement({ statementId, action, principal, sourceArn, sourceAccount }, arn);
  await functions.keep({ ...deployed, policy: [...deployed.policy, statement] });
  return { Statement: JSON.stringify(statement) };
};

/** Behaves as RemovePermission; differs: as AddPermission. */
const removePermission: OperationOf<Functions> = async (functions, input: { FunctionName: string; StatementId: string }, call) => {
  refuseUnknownParameters(call, input, ["FunctionName", "StatementId"]);
  call.authorize("lambda:RemovePermission", functions.arnOf(input.FunctionName));
  const deployed = functions.find(input.FunctionName);
  const policy = deployed.policy.filter(({ Sid }) => Sid !== input.StatementId);
  if (policy.length === deployed.policy.length) throw resourceNotFound();
  await functions.keep({ ...deployed, policy });
  return {};
};

export { addPermission, getPolicy, removePermission };
