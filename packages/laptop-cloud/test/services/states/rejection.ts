import type { SFNServiceException } from "@aws-sdk/client-sfn";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";

/** The error with which a call to Step Functions fails. */
const rejection = (call: Promise<unknown>) => rejectionOf<SFNServiceException>(call);

export { rejection };
