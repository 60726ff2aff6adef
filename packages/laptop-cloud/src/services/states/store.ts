import { AwsError } from "../../kernel/aws-error";
import type { Cloud } from "../../kernel/service";
import type { State } from "../../kernel/state";
import { BadDefinition, parseDefinition } from "./definition";
import { machineArn, parseMachineArn } from "./names";

interface MachineRecord {
  stateMachineArn: string;
  name: string;
  definition: string;
  roleArn: string;
  createdMs: number;
}

const machineType = "aws:sfn/stateMachine:StateMachine";

/**
 * The state machines, declared by the program or created by API calls (state key `machine/NAME`). At each start declared
 * machines are as declared; one that an API call created earlier keeps only its date.
 */
class Machines {
  readonly #machines = new Map<string, MachineRecord>();

  constructor(
    private readonly cloud: Cloud,
    private readonly state: State,
  ) {}

  async load() {
    for (const [, record] of await this.state.entries<MachineRecord>("machine/")) this.#machines.set(record.name, record);
    for (const { inputs, outputs } of this.cloud.inventory.ofType(machineType)) {
      const name: string = outputs["name"];
      await this.#keep({
        stateMachineArn: outputs["arn"],
        name,
        definition: inputs["definition"],
        roleArn: inputs["roleArn"],
        createdMs: this.#machines.get(name)?.createdMs ?? this.cloud.clock.nowMs(),
      });
    }
  }

  nowMs(): number {
    return this.cloud.clock.nowMs();
  }

  all(): MachineRecord[] {
    return [...this.#machines.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws `AwsError` InvalidArn, StateMachineDoesNotExist. */
  find(arn: string): MachineRecord {
    const machine = this.#machines.get(parseMachineArn(arn));
    if (machine === undefined) throw new AwsError("StateMachineDoesNotExist", `State Machine Does Not Exist: '${arn}'`);
    return machine;
  }

  /** Throws `AwsError` InvalidDefinition, StateMachineAlreadyExists. */
  async create(name: string, definition: string, roleArn: string): Promise<MachineRecord> {
    verifyDefinition(definition);
    const stateMachineArn = machineArn(this.cloud.place, name);
    const known = this.#machines.get(name);
    if (known !== undefined) {
      if (known.definition === definition && known.roleArn === roleArn) return known;
      throw new AwsError("StateMachineAlreadyExists", `State Machine Already Exists: '${stateMachineArn}'`);
    }
    return this.#keep({ stateMachineArn, name, definition, roleArn, createdMs: this.cloud.clock.nowMs() });
  }

  /** Throws `AwsError` InvalidDefinition. Running executions keep their definition. */
  async update(machine: MachineRecord, changes: { definition?: string; roleArn?: string }) {
    if (changes.definition !== undefined) verifyDefinition(changes.definition);
    const { definition = machine.definition, roleArn = machine.roleArn } = changes;
    await this.#keep({ ...machine, definition, roleArn });
  }

  async remove(arn: string) {
    const name = parseMachineArn(arn);
    this.#machines.delete(name);
    await this.state.delete(`machine/${name}`);
  }

  async #keep(record: MachineRecord) {
    this.#machines.set(record.name, record);
    await this.state.put(`machine/${record.name}`, record);
    return record;
  }
}

const verifyDefinition = (definition: string) => {
  try {
    parseDefinition(definition);
  } catch (error) {
    if (error instanceof BadDefinition) throw new AwsError("InvalidDefinition", `Invalid State Machine Definition: '${error.message}'`);
    throw error;
  }
};

export type { MachineRecord };
export { Machines, machineType };
