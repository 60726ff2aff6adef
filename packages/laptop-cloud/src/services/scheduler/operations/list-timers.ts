import type { OperationOf } from "../../../kernel/service";
import type { Schedules } from "../store";

/** Not an AWS operation: when each schedule is due next. For the page. */
const listTimers: OperationOf<Schedules> = async (schedules, _input: object, call) => {
  call.authorize("scheduler:ListSchedules", "*");
  return {
    Timers: schedules.all().map(({ definition, nextMs }) => ({
      Name: definition.Name,
      GroupName: definition.GroupName,
      ScheduleExpression: definition.ScheduleExpression,
      TargetArn: definition.Target.Arn,
      Input: definition.Target.Input,
      nextMs,
    })),
  };
};

export { listTimers };
