import { AwsError } from "../../kernel/aws-error";

/** In SNS's words: "Invalid parameter: Subject". */
const invalidParameter = (what: string) => new AwsError("InvalidParameter", `Invalid parameter: ${what}`);

const invalidValue = (what: string) => new AwsError("ParameterValueInvalid", what);

const notFound = (what: string) => new AwsError("NotFound", `${what} does not exist`, 404);

export { invalidParameter, invalidValue, notFound };
