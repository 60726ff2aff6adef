import action from "dynalite/actions/deleteItem";
import { writeOne } from "../write-one";

/** Behaves as DeleteItem; differs: updates indexes at once. */
const deleteItem = writeOne({ name: "DeleteItem", shape: "deleteItem", action });

export { deleteItem };
