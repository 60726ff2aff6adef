import action from "dynalite/actions/updateItem";
import { writeOne } from "../write-one";

/** Behaves as UpdateItem; differs: updates indexes at once. */
const updateItem = writeOne({ name: "UpdateItem", shape: "updateItem", action });

export { updateItem };
