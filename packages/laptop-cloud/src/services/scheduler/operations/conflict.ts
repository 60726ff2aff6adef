import { AwsError } from "../../../kernel/aws-error";

const conflict = (message: string) => new AwsError("ConflictException", message, 409);

export { conflict };
