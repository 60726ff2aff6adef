import { AwsError } from "../../../kernel/aws-error";

const invalidParameter = (message: string) => new AwsError("InvalidParameterValueException", message, 400, { Type: "User" });

const resourceNotFound = (message = "The resource you requested does not exist.") =>
  new AwsError("ResourceNotFoundException", message, 404, { Type: "User" });

export { invalidParameter, resourceNotFound };
