import { AwsError } from "../../kernel/aws-error";
import { PolicyError } from "./pattern";

const noSuchEntity = (message: string) => new AwsError("NoSuchEntity", message, 404);

/** Turns a `PolicyError` into IAM's error; returns other errors unchanged. */
const malformed = (error: unknown) => (error instanceof PolicyError ? new AwsError("MalformedPolicyDocument", error.message) : error);

export { malformed, noSuchEntity };
