import { validationError } from "./action";
import { shortenArn } from "./request";

/** The table that a request names, by name or ARN. Throws ValidationException. */
const readTableName = (input: object): string => {
  const request: { TableName?: unknown } = { ...input };
  shortenArn(request);
  const { TableName: name } = request;
  if (typeof name !== "string") throw validationError("The parameter 'TableName' is required but was not present in the request");
  if (!/^[a-zA-Z0-9_.-]{3,255}$/.test(name))
    throw validationError(
      `Invalid table/index name.  Table/index names must be between 3 and 255 characters long, and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'`,
    );
  return name;
};

export { readTableName };
