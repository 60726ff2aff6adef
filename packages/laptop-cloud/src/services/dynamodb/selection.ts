import { validationError } from "./action";

interface Selection {
  Select?: string;
  IndexName?: string;
  ProjectionExpression?: string;
  AttributesToGet?: string[];
}

/** Checks `Select` against the other parameters of a Query or Scan, which dynalite does not do. Throws ValidationException. */
const checkSelection = (operation: "Query" | "Scan", { Select, IndexName, ProjectionExpression, AttributesToGet }: Selection) => {
  const named = ProjectionExpression !== undefined ? "ProjectionExpression" : AttributesToGet !== undefined ? "AttributesToGet" : undefined;
  if (Select === "SPECIFIC_ATTRIBUTES") {
    if (named !== undefined) return;
    const message = "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES";
    throw validationError(operation === "Query" ? `1 validation error detected: ${message}` : message);
  }
  if (Select !== undefined && named !== undefined)
    throw validationError(`Cannot specify the ${named} when choosing to get ${Select === "COUNT" ? "only the Count" : Select}`);
  // DynamoDB says "Querying" for scans too.
  if (Select === "ALL_PROJECTED_ATTRIBUTES" && IndexName === undefined)
    throw validationError("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
};

export type { Selection };
export { checkSelection };
