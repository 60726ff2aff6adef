import type { Inventory, Resource } from "../kernel/inventory";
import { maskedOutputs, type Program } from "../kernel/program";
import type { InventoryReport } from "../protocol";
import { createMask } from "./mask";

/** The inventory and the stack outputs without code. Secret values are masked wherever they were copied. */
const buildInventoryReport = (inventory: Inventory, program: Program): InventoryReport => {
  const hide = createMask(inventory, program);
  return {
    revision: inventory.revision,
    resources: inventory.shown().map(resource => hide(resource) as Resource),
    outputs: hide(maskedOutputs(program)) as InventoryReport["outputs"],
  };
};

export { buildInventoryReport };
