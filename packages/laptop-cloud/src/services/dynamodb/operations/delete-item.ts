import action from "dynalite/actions/deleteItem";
import type { EngineOperation } from "../engine";
import { writeOne } from "../write-one";

/** Behaves as DeleteItem; differs: updates indexes at once. */
const deleteItem: EngineOperation = engine => writeOne(engine, { name: "DeleteItem", shape: "deleteItem", action });

export { deleteItem };
