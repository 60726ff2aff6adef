import type { OperationOf } from "../../../kernel/service";
import type { Buses } from "../store";

/** Not an AWS operation: the rules with a schedule, and when each is due next. For the page. */
const listTimers: OperationOf<Buses> = async (buses, _input: object, call) => {
  call.authorize("events:ListRules", "*");
  const timed = buses.rules().filter(({ record }) => record.definition.ScheduleExpression !== undefined);
  return {
    Timers: timed.flatMap(({ record: { definition, nextMs }, targets }) =>
      targets.map(({ Arn, Input }) => ({
        Name: definition.Name,
        ScheduleExpression: definition.ScheduleExpression,
        TargetArn: Arn,
        Input,
        nextMs,
      })),
    ),
  };
};

export { listTimers };
