import type { Service } from "../../../kernel/service";
import type { Containers } from "../store";
import { describeServices, listClusters, listServices, updateService } from "./services";
import { describeTasks, listTasks, stopTask } from "./tasks";

/** The operations by the names that AWS gives them. */
const createOperations = (containers: Containers): Service["operations"] => ({
  ListClusters: listClusters(containers),
  ListServices: listServices(containers),
  DescribeServices: describeServices(containers),
  UpdateService: updateService(containers),
  ListTasks: listTasks(containers),
  DescribeTasks: describeTasks(containers),
  StopTask: stopTask(containers),
});

export { createOperations };
