import action from "dynalite/actions/updateItem";
import type { EngineOperation } from "../engine";
import { writeOne } from "../write-one";

/** Behaves as UpdateItem; differs: updates indexes at once. */
const updateItem: EngineOperation = engine => writeOne(engine, { name: "UpdateItem", shape: "updateItem", action });

export { updateItem };
