/** The tables of the turn queues, in any DynamoDB, and clients that die at a call. */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DIBS, DIBS_HISTORY, DIBS_REQUESTS, DIBS_TOKENS } from "#core/dibs/tables";
import { createTablesOf } from "./dynamodb-endpoint";

const createDibsTables = () => createTablesOf({ dibs: DIBS, history: DIBS_HISTORY, requests: DIBS_REQUESTS, tokens: DIBS_TOKENS });

/** Kills its caller at the n-th call, from 1: before the call has an effect, or afterwards, so that its answer is lost. */
interface Kill {
  call: number;
  when: "before" | "after";
}

class Killed extends Error {
  override readonly name = "Killed";
}

/** One process, which counts its calls and dies at one of them. Later calls don't happen. */
class MortalProcess {
  calls: string[] = [];

  constructor(private readonly kill?: Kill) {}

  get isDead(): boolean {
    return this.kill !== undefined && this.calls.length >= this.kill.call;
  }

  async call<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.calls.push(name);
    const call = this.calls.length;
    const isLast = this.kill?.call === call;
    if (this.kill !== undefined && (call > this.kill.call || (isLast && this.kill.when === "before")))
      throw new Killed(`before call ${call}`);
    await nextTurn();
    const answer = await work();
    if (isLast) throw new Killed(`after call ${call}`);
    return answer;
  }

  /** A client for the calls of this process. */
  wrap(client: DynamoDBClient): DynamoDBClient {
    const send = (command: { constructor: { name: string } }, options: object) =>
      this.call(command.constructor.name, () => client.send(command as never, options));
    return { send, config: client.config } as unknown as DynamoDBClient;
  }
}

export type { Kill };
export { createDibsTables, Killed, MortalProcess };
