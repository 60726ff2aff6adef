import type { Program } from "@slack-fanout/laptop-cloud/page";

/** The Pulumi name of the table that a stack output names; undefined without such an output. */
const findTable = ({ outputs, resources }: Program, output: string): string | undefined =>
  resources.find(({ type, outputs: { name } }) => type === "aws:dynamodb/table:Table" && name === outputs[output])?.name;

/** Whether many workspaces share the tables. Then the keys of words begin with the workspace's id. */
const isByTeam = (program: Program): boolean => findTable(program, "installationsTable") !== undefined;

export { findTable, isByTeam };
