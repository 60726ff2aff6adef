import { AwsError } from "../../kernel/aws-error";
import { PolicyError } from "./pattern";

const noSuchEntity = (message: string) => new AwsError("NoSuchEntity", message, 404);

/** A policy that can't be taken, said as IAM says it; any other error as it is. */
const malformed = (error: unknown) => (error instanceof PolicyError ? new AwsError("MalformedPolicyDocument", error.message) : error);

export { malformed, noSuchEntity };
