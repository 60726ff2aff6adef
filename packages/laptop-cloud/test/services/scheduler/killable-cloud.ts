/** A killable laptop cloud that reports its first call. One schedule's call never ends; another schedule is due in an hour. */
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { reportStart, startLaptop } from "@slack-fanout/laptop-cloud/testing";
import { iam } from "../../../src/services/iam";
import { scheduler } from "../../../src/services/scheduler";
import { createFakeServices } from "./fake-services";
import { group, roleArn, schedulerRole, targetArn } from "./program";

const run = async (directory: string) => {
  let noteCall: (payload: unknown) => void;
  const called = new Promise(resolve => {
    noteCall = resolve;
  });
  const services = createFakeServices(({ input }) => {
    noteCall(input.Payload);
    return new Promise(() => {});
  });
  const laptop = await startLaptop({ definitions: [iam, scheduler, ...services], resources: [...schedulerRole(), group], directory });
  const client = new SchedulerClient(laptop.client);
  const create = (Name: string, inSeconds: number) =>
    client.send(
      new CreateScheduleCommand({
        Name,
        GroupName: "releases",
        ScheduleExpression: `at(${new Date(Date.now() + inSeconds * 1000).toISOString().slice(0, 19)})`,
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: { Arn: targetArn, RoleArn: roleArn, Input: Name },
      }),
    );
  await create("later", 3600);
  await create("now", 0);
  return called;
};

reportStart(run(process.argv[2]!));
