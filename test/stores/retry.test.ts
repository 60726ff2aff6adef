import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import { rejectionOf } from "@slack-fanout/laptop-cloud/testing";
import { expect } from "chai";
import { Deadline } from "#core/deadline";
import { NotDurable } from "#core/errors";
import { Incomplete, isTransient, retryUntil } from "#stores/retry";

const cancelled = (...codes: string[]) =>
  new TransactionCanceledException({ message: "cancelled", $metadata: {}, CancellationReasons: codes.map(Code => ({ Code })) });
const named = (name: string, more: object = {}) => Object.assign(new Error(name), { name, $metadata: {}, ...more });

describe("retry", () => {
  const rows: [title: string, error: unknown, transient: boolean][] = [
    ["a conflict", cancelled("None", "TransactionConflict"), true],
    ["a conflict and a throttle", cancelled("ThrottlingError", "TransactionConflict", "ProvisionedThroughputExceeded"), true],
    ["a conflict and an invalid item", cancelled("TransactionConflict", "ValidationError"), false],
    ["a cancellation without a reason", cancelled(), false],
    ["a failed condition", cancelled("ConditionalCheckFailed"), false],
    ["a throttle", named("ThrottlingException"), true],
    ["a transaction under way", named("TransactionInProgressException"), true],
    ["a conflict of a single write", named("TransactionConflictException"), true],
    ["an aborted call", named("AbortError"), true],
    ["a timeout", named("TimeoutError"), true],
    ["a 500", named("Surprise", { $metadata: { httpStatusCode: 500 } }), true],
    ["a reset connection", named("Error", { code: "ECONNRESET" }), true],
    ["a batch with unprocessed keys", new Incomplete("2 left"), true],
    ["a denial", named("AccessDeniedException", { $metadata: { httpStatusCode: 400 } }), false],
    ["an invalid request", named("ValidationException"), false],
    ["a thrown text", "text", false],
  ];
  for (const [title, error, transient] of rows) {
    it(`${transient ? "retries" : "does not retry"} ${title}`, () => expect(isTransient(error)).to.equal(transient));
  }

  it("returns the result of the first attempt that succeeds", async () => {
    let tries = 0;
    const result = await retryUntil(new Deadline(5000), async () => {
      tries += 1;
      if (tries < 3) throw named("ThrottlingException");
      return tries;
    });
    expect(result).to.equal(3);
  });

  it("throws NotDurable with the cause when time runs out", async () => {
    const error = await rejectionOf(retryUntil(new Deadline(30), () => Promise.reject(named("ThrottlingException"))));
    expect(error).to.be.instanceOf(NotDurable).with.property("cause").with.property("name", "ThrottlingException");
  });

  it("starts no attempt once the time is up: of many calls side by side, each would still be built and sent", async () => {
    let tries = 0;
    const error = await rejectionOf(retryUntil(new Deadline(0), async () => (tries += 1)));
    expect(error).to.be.instanceOf(NotDurable);
    expect(tries).to.equal(0);
  });

  it("throws any other error at once, unchanged", async () => {
    const denial = named("AccessDeniedException");
    expect(await rejectionOf(retryUntil(new Deadline(5000), () => Promise.reject(denial)))).to.equal(denial);
  });
});
