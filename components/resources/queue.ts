import * as aws from "@pulumi/aws";
import type { QueueUrl } from "#core/named";
import type { Verbs } from "../wiring/grants";
import { type Edge, edgeTo } from "../wiring/wire";

/** An SQS queue. Functions get its URL. */
class Queue extends aws.sqs.Queue {
  may(...verbs: Verbs<aws.sqs.Queue>): Edge<QueueUrl> {
    return edgeTo(this, this.url, verbs);
  }
}

export { Queue };
