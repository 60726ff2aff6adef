import validations from "dynalite/validations";
import batchGetItem from "dynalite/validations/batchGetItem";
import batchWriteItem from "dynalite/validations/batchWriteItem";
import createTable from "dynalite/validations/createTable";
import deleteItem from "dynalite/validations/deleteItem";
import getItem from "dynalite/validations/getItem";
import listTables from "dynalite/validations/listTables";
import putItem from "dynalite/validations/putItem";
import query from "dynalite/validations/query";
import scan from "dynalite/validations/scan";
import updateItem from "dynalite/validations/updateItem";
import { toAwsError, validationError } from "./action";
import { refuseManyOperands } from "./condition";
import { MAX_ITEM_BYTES } from "./item-size";
import "./parsers";
import { openSums } from "./update-expression";

/** dynalite lacks one parameter of Scan and one limit. */
const wholeScan = {
  ...scan,
  types: {
    ...scan.types,
    ConsistentRead: "Boolean",
    TotalSegments: { type: "Integer", greaterThanOrEqual: 1, lessThanOrEqual: 1_000_000 },
  },
};

const shapes = { batchGetItem, batchWriteItem, createTable, deleteItem, getItem, listTables, putItem, query, scan: wholeScan, updateItem };

/**
 * Checks a request as DynamoDB does before it looks at any table, and parses its expressions (dynalite's validations).
 *
 * `inert` names parameters without effect here; other unknown parameters are refused. Throws `AwsError`.
 */
const readRequest = <T extends object>(shape: keyof typeof shapes, input: object, inert: readonly string[] = []): T => {
  const { types, custom } = shapes[shape];
  refuseUnknown(input, [...Object.keys(types), ...inert]);
  refuseProto(input);
  try {
    // A copy, because dynalite deletes unknown parameters.
    const request = validations.checkTypes({ ...input }, types);
    shortenArn(request);
    refuseLongExpressions(request);
    openSums(request);
    validations.checkValidations(request, types, custom, { options: { maxItemSize: MAX_ITEM_BYTES } });
    refuseManyOperands(request);
    return request as T;
  } catch (error) {
    throw toAwsError(error);
  }
};

/** Service quotas of DynamoDB, "Expression string". */
const MAX_EXPRESSION_BYTES = 4096;

/** Throws ValidationException. */
const refuseLongExpressions = (request: object) => {
  for (const [name, expression] of Object.entries(request)) {
    if (!name.endsWith("Expression") || typeof expression !== "string") continue;
    const sizeBytes = Buffer.byteLength(expression);
    if (sizeBytes > MAX_EXPRESSION_BYTES)
      throw validationError(`Invalid ${name}: Expression size has exceeded the maximum allowed size; expression size: ${sizeBytes}`);
  }
};

/** Throws ValidationException that names unknown parameters. */
const refuseUnknown = (input: object, known: readonly string[]) => {
  const unknown = Object.keys(input).filter(name => !known.includes(name));
  if (unknown.length > 0) throw validationError(`The laptop cloud does not imitate the parameter ${unknown.join(", ")}.`);
};

/** Refuses attributes named `__proto__`, which JavaScript objects would lose. In JSON, a quoted name before a colon is never inside a string. */
const refuseProto = (input: object) => {
  const { ExpressionAttributeNames: names = {} } = input as { ExpressionAttributeNames?: object };
  if (Object.values(names).includes("__proto__") || JSON.stringify(input).includes('"__proto__":'))
    throw validationError("The laptop cloud does not imitate an attribute that is named __proto__.");
};

/** A request may name a table by its ARN. */
const shortenArn = (request: { TableName?: unknown }) => {
  const match = /^arn:[^:]+:dynamodb:[^:]*:[^:]*:table\/([^/]+)$/.exec(String(request.TableName));
  if (match !== null) request.TableName = match[1];
};

export { readRequest, refuseUnknown, shortenArn };
