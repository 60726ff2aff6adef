import type { Activity } from "../../src/protocol";
import type { Program } from "../control";

/** What every panel receives. */
interface PanelProps {
  program: Program;
  activity: Activity | undefined;
  /** The cloud's time, epoch milliseconds. */
  nowMs: number;
}

/** The properties of a panel about one node of the diagram. */
interface NodePanelProps extends PanelProps {
  /** The resource's Pulumi name, or an e-mail address. */
  name: string;
}

export type { NodePanelProps, PanelProps };
